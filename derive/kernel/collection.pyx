# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""A collection at once: rows of digests -> hashes, hashes -> sketches, postings -> who meets whom, pairs -> their figures.

Every function equals the one of the same name in collection_reference.py (tests/test_collection.py).
"""

import numpy as np
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from derive.hashing import xxh64_lanes

cdef uint64_t P1 = 0x9E3779B185EBCA87ULL, P2 = 0xC2B2AE3D27D4EB4FULL, P3 = 0x165667B19E3779F9ULL
cdef uint64_t P4 = 0x85EBCA77C2B2AE63ULL, P5 = 0x27D4EB2F165667C5ULL


cdef inline uint64_t _rotate(uint64_t x, int bits) noexcept nogil:
    return (x << bits) | (x >> (64 - bits))


def windows(const uint64_t[::1] digests, int size):
    cdef Py_ssize_t n = len(digests) - size + 1, k
    cdef int j
    cdef uint64_t h
    if n <= 0:
        return np.zeros(0, dtype=np.uint64)
    if size >= 4:
        from numpy.lib.stride_tricks import sliding_window_view

        return xxh64_lanes(sliding_window_view(np.asarray(digests), size))
    hashes = np.empty(n, dtype=np.uint64)
    cdef uint64_t[::1] out = hashes
    with nogil:
        for k in range(n):
            h = P5 + <uint64_t>(8 * size)
            for j in range(size):
                h = _rotate(h ^ (_rotate(digests[k + j] * P2, 31) * P1), 27) * P1 + P4
            h = (h ^ (h >> 33)) * P2
            h = (h ^ (h >> 29)) * P3
            out[k] = h ^ (h >> 32)
    return hashes


def smallest(const uint32_t[::1] hashes, const uint32_t[::1] a, const uint32_t[::1] b):
    cdef Py_ssize_t n = len(hashes), permutations = len(a), k, p
    cdef uint32_t h, value
    result = np.full(permutations, 0xFFFFFFFF, dtype=np.uint32)
    cdef uint32_t[::1] out = result
    cdef uint32_t *best = &out[0]
    cdef const uint32_t *first = &a[0]
    cdef const uint32_t *second = &b[0]
    with nogil:
        for k in range(n):
            h = hashes[k]
            for p in range(permutations):
                value = h * first[p] + second[p]
                best[p] = value if value < best[p] else best[p]
    return result


def meetings(
    const int64_t[::1] starts, const int32_t[::1] owners, const int64_t[::1] offsets, const int32_t[::1] postings,
    const int64_t[::1] sizes, Py_ssize_t common, Py_ssize_t neighbours, Py_ssize_t rare, Py_ssize_t least, double worth,
):
    cdef Py_ssize_t n = len(offsets) - 1, i, k, m, low, high, last, touched, holders, found = 0
    cdef int32_t j, r
    cdef int64_t smaller
    counts = np.zeros((2, n + 1), dtype=np.int32)
    cdef int32_t[:, ::1] count = counts
    seen = np.empty(n + 1, dtype=np.int32)
    cdef int32_t[::1] met = seen
    places = np.zeros(len(starts), dtype=np.int64)
    cdef int64_t[::1] place = places
    cdef list pieces = []
    block = np.empty((2, 1 << 16), dtype=np.int32)
    cdef int32_t[:, ::1] out = block
    for i in range(n):
        touched = 0
        for k in range(offsets[i], offsets[i + 1]):
            r = postings[k]
            low, high = starts[r] + place[r] + 1, starts[r + 1]
            place[r] += 1
            holders = high - starts[r]
            last = high if holders <= common else min(high, low + neighbours)
            for m in range(low, last):
                j = owners[m]
                if count[0, j] == 0:
                    met[touched] = j
                    touched += 1
                count[0, j] += 1
                count[1, j] += holders <= rare
        for k in range(touched):
            j = met[k]
            smaller = min(sizes[i], sizes[j])
            if count[0, j] >= least and (count[1, j] >= least or count[0, j] >= worth * smaller):
                if found == out.shape[1]:
                    pieces.append(block)
                    block = np.empty((2, 1 << 16), dtype=np.int32)
                    out = block
                    found = 0
                out[0, found] = <int32_t>i
                out[1, found] = j
                found += 1
            count[0, j] = count[1, j] = 0
    pieces.append(block[:, :found])
    pairs = np.concatenate(pieces, axis=1).astype(np.int64)
    return pairs[:, np.lexsort((pairs[1], pairs[0]))]


cdef class Text:
    """What of a text its figures with another one are counted on; see collection_reference.Text."""
    cdef readonly object distinct
    cdef const int64_t[::1] own, plain, codes, sorted_codes
    cdef const int32_t[::1] positions, sorted_positions, halves
    cdef const uint8_t[::1] quoted
    cdef const uint64_t[::1] stems
    cdef const double[::1] weights
    cdef double *window
    cdef Py_ssize_t windows, size
    cdef bint quotes

    def __cinit__(self):
        self.window = NULL

    def __dealloc__(self):
        free(self.window)

    def __init__(self, distinct, plain, codes, open_, quoted, stems, weights, int size, int half):
        positions = np.flatnonzero(open_).astype(np.int32)
        held = codes[positions]
        order = np.argsort(held, kind="stable")
        self.distinct = distinct
        self.own, self.plain, self.codes, self.positions = distinct, plain, held, positions
        self.sorted_codes, self.sorted_positions = held[order], positions[order]
        self.quoted = quoted.view(np.uint8)
        self.quotes = quoted.any()
        self.size = size
        self.windows = _windows_of(len(stems), half)
        order = np.argsort(stems, kind="stable")
        self.stems, self.weights = stems[order], weights[order]
        self.halves = (order // half).astype(np.int32)
        self.window = <double *>calloc(self.windows, sizeof(double))
        if self.window == NULL:
            raise MemoryError
        _weigh(self.stems, self.weights, self.halves, self.windows, self.window)

    def meet(self, Text other, int occurrences):
        cdef int64_t both, plain
        cdef int quoted = 0, cited = 0
        both = _common(self.own, other.own)
        plain = _common(self.plain, other.plain)
        if self.quotes or other.quotes:
            self._runs(other, occurrences, &quoted, &cited)
        return both, plain, self._densest(other), quoted, cited

    cdef int _runs(self, Text other, int occurrences, int *quoted, int *cited) except -1:
        """The longest stretches of words in shared runs that are quoted on both sides, and on at least one."""
        cdef Py_ssize_t n = len(self.codes), m = len(other.sorted_codes), k, low, high, middle, at, word
        cdef Py_ssize_t here = len(self.quoted), there = len(other.quoted)
        cdef int64_t code
        cdef int32_t i, j
        cdef int32_t *last = <int32_t *>calloc(3 * (here + there + 1), sizeof(int32_t))
        cdef int32_t *twice
        cdef int32_t *once
        if last == NULL:
            raise MemoryError
        twice, once = last + here + there + 1, last + 2 * (here + there + 1)
        for k in range(n):
            code, i = self.codes[k], self.positions[k]
            low, high = 0, m
            while low < high:
                middle = (low + high) >> 1
                if other.sorted_codes[middle] < code:
                    low = middle + 1
                else:
                    high = middle
            for high in range(low, min(m, low + occurrences)):
                if other.sorted_codes[high] != code:
                    break
                j = other.sorted_positions[high]
                at = j - i + here
                word = self.size - 1
                if last[at] != i or i == 0:  # the place before this one is not shared: a run begins
                    twice[at] = once[at] = 0
                    word = 0
                last[at] = i + 1
                while word < self.size:
                    twice[at] = twice[at] + 1 if self.quoted[i + word] and other.quoted[j + word] else 0
                    once[at] = once[at] + 1 if self.quoted[i + word] or other.quoted[j + word] else 0
                    quoted[0], cited[0] = max(quoted[0], twice[at]), max(cited[0], once[at])
                    word += 1
        free(last)
        return 0

    cdef double _densest(self, Text other) except -1:
        """The largest share of rare words that two windows have in common (`derive.dense`)."""
        cdef Py_ssize_t x, y
        cdef double best = 0, whole
        cdef double *table = <double *>calloc(self.windows * other.windows, sizeof(double))
        if table == NULL:
            raise MemoryError
        _share(self.stems, self.weights, self.halves, self.windows, other.stems, other.halves, other.windows, table)
        for x in range(self.windows):
            for y in range(other.windows):
                if table[x * other.windows + y] > 0:
                    whole = max(self.window[x], other.window[y], 1)
                    best = max(best, table[x * other.windows + y] / whole)
        free(table)
        return best


cdef Py_ssize_t _windows_of(Py_ssize_t words, int half) noexcept:
    return max(1, (words + half - 1) // half - 1)


cdef void _weigh(
    const uint64_t[::1] stems, const double[::1] weights, const int32_t[::1] halves, Py_ssize_t windows, double *out
) noexcept:
    """The weight of each window's distinct stems; `stems` are sorted, `halves` say in which half window each stands."""
    cdef Py_ssize_t k, w, before = -1
    for k in range(len(stems)):
        if k == 0 or stems[k] != stems[k - 1]:
            before = -1
        for w in range(max(halves[k] - 1, before + 1, 0), min(halves[k] + 1, windows)):
            out[w] += weights[k]
            before = w


cdef void _share(
    const uint64_t[::1] a, const double[::1] weights, const int32_t[::1] left, Py_ssize_t rows,
    const uint64_t[::1] b, const int32_t[::1] right, Py_ssize_t columns, double *table,
) noexcept:
    """The weight of the stems that each two windows share, a row a window of `a`."""
    cdef Py_ssize_t i = 0, j = 0, n = len(a), m = len(b), k, l, x, y, low, high, before, after
    while i < n and j < m:
        if a[i] < b[j]:
            i += 1
        elif a[i] > b[j]:
            j += 1
        else:
            low, high = i, j
            while i < n and a[i] == a[low]:
                i += 1
            while j < m and b[j] == b[high]:
                j += 1
            before = -1
            for k in range(low, i):
                for x in range(max(left[k] - 1, before + 1, 0), min(left[k] + 1, rows)):
                    before = x
                    after = -1
                    for l in range(high, j):
                        for y in range(max(right[l] - 1, after + 1, 0), min(right[l] + 1, columns)):
                            after = y
                            table[x * columns + y] += weights[low]


def numbered(const int64_t[::1] values, Py_ssize_t n):
    cdef Py_ssize_t m = len(values), k, first = 0, second = 0, both = 0
    cdef uint64_t mask = 16, slot
    while mask < 2 * <uint64_t>m + 2:
        mask *= 2
    numbers = np.empty(m, dtype=np.int64)
    cdef int64_t[::1] number = numbers
    # By slot the place of a value's first occurrence, plus one; of each first occurrence whether the others have it, too.
    cdef int32_t *table = <int32_t *>calloc(mask, sizeof(int32_t))
    cdef uint8_t *shared = <uint8_t *>calloc(m + 1, 1)
    if table == NULL or shared == NULL:
        free(table); free(shared)
        raise MemoryError
    mask -= 1
    for k in range(m):
        slot = (<uint64_t>values[k] * P1) >> 32 & mask
        while table[slot] and values[table[slot] - 1] != values[k]:
            slot = (slot + 1) & mask
        if table[slot] == 0:
            table[slot] = <int32_t>(k + 1)
        number[k] = table[slot] - 1
        if k >= n > number[k] and not shared[number[k]]:
            shared[number[k]] = 1
            both += 1
    second = both
    for k in range(m):
        if number[k] == k and shared[k]:
            number[k] = first
            first += 1
        elif number[k] == k:
            number[k] = second
            second += 1
        else:
            number[k] = number[number[k]]  # that of the first occurrence is settled
    free(table); free(shared)
    return numbers, both


def shared_runs(a, open_a, b, open_b, int occurrences):
    in_b = np.flatnonzero(open_b)
    in_b = in_b[np.argsort(b[in_b], kind="stable")]
    cdef const int64_t[::1] codes = a, known = b[in_b], there = in_b
    cdef const uint8_t[::1] here = open_a.view(np.uint8)
    cdef Py_ssize_t n = len(codes), m = len(known), i, low, high, middle, at, found = 0, room = 64
    cdef int64_t code
    result = np.empty((3, room), dtype=np.int64)
    cdef int64_t[:, ::1] run = result
    # Of each diagonal the run that is followed, and its next place in `a`.
    open_runs = np.zeros((2, n + len(b) + 1), dtype=np.int64)
    cdef int64_t[:, ::1] last = open_runs
    for i in range(n):
        if not here[i]:
            continue
        code = codes[i]
        low, high = 0, m
        while low < high:
            middle = (low + high) >> 1
            if known[middle] < code:
                low = middle + 1
            else:
                high = middle
        for high in range(low, min(m, low + occurrences)):
            if known[high] != code:
                break
            at = there[high] - i + n
            if i == 0 or last[1, at] != i:
                if found == room:
                    result = np.concatenate((result, np.empty((3, room), dtype=np.int64)), axis=1)
                    run = result
                    room *= 2
                run[0, found], run[1, found], run[2, found] = i, there[high], 0
                last[0, at] = found
                found += 1
            last[1, at] = i + 1
            run[2, last[0, at]] += 1
    return result[:, :found]


def shared_weights(a, a_weights, b, b_weights, int half):
    cdef Py_ssize_t rows = _windows_of(len(a), half), columns = _windows_of(len(b), half)
    in_a, in_b = np.argsort(a, kind="stable"), np.argsort(b, kind="stable")
    cdef const uint64_t[::1] left = a[in_a], right = b[in_b]
    cdef const double[::1] of_left = a_weights[in_a], of_right = b_weights[in_b]
    cdef const int32_t[::1] here = (in_a // half).astype(np.int32), there = (in_b // half).astype(np.int32)
    table, own, other = np.zeros((rows, columns)), np.zeros(rows), np.zeros(columns)
    cdef double[:, ::1] shared = table
    cdef double[::1] mine = own, theirs = other
    _weigh(left, of_left, here, rows, &mine[0])
    _weigh(right, of_right, there, columns, &theirs[0])
    _share(left, of_left, here, rows, right, there, columns, &shared[0, 0])
    return table, own, other


cdef int64_t _common(const int64_t[::1] a, const int64_t[::1] b) noexcept:
    cdef Py_ssize_t i = 0, j = 0, n = len(a), m = len(b)
    cdef int64_t found = 0, x, y
    while i < n and j < m:
        x, y = a[i], b[j]
        found += x == y
        i += x <= y
        j += y <= x
    return found
