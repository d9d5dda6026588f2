# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Whole collections: texts -> numbered authored words -> sampled shingles -> pairs that share -> exact counts. Compiled.

Every function and class equals the one of the same name in reference.py (tests/test_lexer.py). What a text needs beyond
the plain case (hidden characters, entities, lines wrapped to a width) is handed to the stages written in Python.
"""

import numpy as np
import xxhash
from cpython.unicode cimport PyUnicode_Substring
from libc.math cimport pow
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memset

cdef extern from *:
    """
    #define CH Py_UCS1
    #define NAME(name) name##_1
    #include "tokenise.h"
    #undef CH
    #undef NAME
    #define CH Py_UCS2
    #define NAME(name) name##_2
    #include "tokenise.h"
    #undef CH
    #undef NAME
    #define CH Py_UCS4
    #define NAME(name) name##_4
    #include "tokenise.h"
    """
    enum:
        SPACE, BREAK, QUOTE, DRESS, SYMBOL, CONTINUED, UNSEEN, MARK
    ctypedef struct Tokens:
        Py_ssize_t tokens, lines, quotes
        int32_t *start
        int32_t *end
        uint64_t *hash
        int32_t *line_start
        int32_t *line_end
        int32_t *quote
        uint64_t seed
    int tokenise_1(const void *, Py_ssize_t, const uint16_t *, Tokens *)
    int tokenise_2(const void *, Py_ssize_t, const uint16_t *, Tokens *)
    int tokenise_4(const void *, Py_ssize_t, const uint16_t *, Tokens *)
    int surely_latin_1(const void *, Py_ssize_t)
    int surely_latin_2(const void *, Py_ssize_t)
    int surely_latin_4(const void *, Py_ssize_t)
    uint64_t rotate_left(uint64_t, int) noexcept nogil
    void __builtin_prefetch(const void *) noexcept nogil

cdef extern from "Python.h":
    int PyUnicode_KIND(object)
    void *PyUnicode_DATA(object)
    Py_UCS4 PyUnicode_READ(int, void *, Py_ssize_t) noexcept

cdef uint64_t P1 = 0x9E3779B185EBCA87ULL, P2 = 0xC2B2AE3D27D4EB4FULL, P3 = 0x165667B19E3779F9ULL
cdef uint64_t P4 = 0x85EBCA77C2B2AE63ULL, P5 = 0x27D4EB2F165667C5ULL


cdef inline uint64_t _round(uint64_t acc, uint64_t lane) noexcept nogil:
    return rotate_left(acc + lane * P2, 31) * P1


cdef inline uint64_t _finish(uint64_t h) noexcept nogil:
    h = (h ^ (h >> 33)) * P2
    h = (h ^ (h >> 29)) * P3
    return h ^ (h >> 32)


cdef uint64_t _xxh64(const uint64_t *lanes, Py_ssize_t n) noexcept nogil:
    """XXH64, seed 0, of n little-endian 64-bit lanes (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md)."""
    cdef uint64_t h, a, b, c, d
    cdef Py_ssize_t i = 0
    if n >= 4:
        a, b, c, d = P1 + P2, P2, 0, 0 - P1
        while i + 4 <= n:
            a, b, c, d = _round(a, lanes[i]), _round(b, lanes[i + 1]), _round(c, lanes[i + 2]), _round(d, lanes[i + 3])
            i += 4
        h = rotate_left(a, 1) + rotate_left(b, 7) + rotate_left(c, 12) + rotate_left(d, 18)
        h = (h ^ _round(0, a)) * P1 + P4
        h = (h ^ _round(0, b)) * P1 + P4
        h = (h ^ _round(0, c)) * P1 + P4
        h = (h ^ _round(0, d)) * P1 + P4
    else:
        h = P5
    h += <uint64_t>(8 * n)
    while i < n:
        h = rotate_left(h ^ _round(0, lanes[i]), 27) * P1 + P4
        i += 1
    return _finish(h)


# What is known of a token's characters: their hash, the word they fold to (0: none), hints for the markers.
cdef struct Known:
    uint64_t hash
    uint32_t word
    uint32_t hints

cdef enum:
    FIRST = 1
    NEEDED = 2
    LONG_ENOUGH = 40  # characters of a repeated paragraph

cdef struct Range:
    int32_t start
    int32_t end


cdef class _Numbers:
    """A growing array of 64-bit or 32-bit numbers."""
    cdef char *data
    cdef Py_ssize_t size, room, width

    def __cinit__(self, Py_ssize_t width):
        self.width = width
        self.room = 1024
        self.data = <char *>malloc(self.room * width)
        if self.data == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.data)

    cdef int reserve(self, Py_ssize_t more) except -1:
        cdef char *grown
        if self.size + more > self.room:
            while self.size + more > self.room:
                self.room += self.room // 2 + 1
            grown = <char *>realloc(self.data, self.room * self.width)
            if grown == NULL:
                raise MemoryError
            self.data = grown
        return 0

    cdef int put64(self, uint64_t value) except -1:
        self.reserve(1)
        (<uint64_t *>self.data)[self.size] = value
        self.size += 1
        return 0

    cdef int put32(self, uint32_t value) except -1:
        self.reserve(1)
        (<uint32_t *>self.data)[self.size] = value
        self.size += 1
        return 0

    cdef array(self):
        """The numbers so far, copied."""
        cdef Py_ssize_t bytes_ = self.size * self.width
        result = np.empty(self.size, dtype=np.uint64 if self.width == 8 else np.uint32)
        cdef const char[::1] source
        if self.size:
            source = <const char[:bytes_]>self.data
            result.view(np.uint8)[:] = np.asarray(source).view(np.uint8)
        return result


cdef class Lexer:
    """Texts -> numbered authored words. `add` one after the other, then take the columns. See `reference.Lexer`."""
    cdef object digest, meet, judge, sign_off, dateline, same_title, slow, is_latin
    cdef dict numbers
    cdef dict judged
    cdef uint16_t *classes
    cdef Known *known[2]
    cdef Py_ssize_t known_size[2]
    cdef Py_ssize_t known_room[2]
    cdef Tokens t
    cdef Py_ssize_t room
    cdef uint32_t *word
    cdef uint32_t *hint
    cdef int32_t *first
    cdef int32_t *last
    cdef uint8_t *out
    cdef _Numbers digests, ids, offsets, keys, sizes, covered, key_offsets, tails, distinct, stamps, contents, outlines
    cdef object starts_with
    cdef dict phrase_table
    cdef uint8_t *begins_phrase
    cdef Py_ssize_t begins_room
    cdef dict small

    def __cinit__(self):
        self.classes = <uint16_t *>calloc(0x110000, sizeof(uint16_t))
        if self.classes == NULL:
            raise MemoryError

    def __init__(self, rules, slow):
        """`rules` are the facts about characters and paragraphs (`derive.lexer.Rules`); `slow` lexes a text the long way."""
        cdef Py_ssize_t c
        cdef const uint8_t[::1] given = rules.classes
        self.digest, self.meet, self.judge = rules.digest, rules.meet, rules.judge
        self.sign_off, self.dateline, self.same_title = rules.sign_off, rules.dateline, rules.same_title
        self.is_latin, self.slow, self.starts_with = rules.is_latin, slow, rules.starts
        for c in range(0x110000):
            self.classes[c] = given[c]
            if (<Py_UCS4>c).isspace():
                self.classes[c] |= SPACE
            if self.classes[c] & MARK:
                self.classes[c] |= DRESS
        for bits, characters in (
            (BREAK, "\r\n\x85\u2028\u2029"), (QUOTE, rules.quotes), (SYMBOL, "%&"), (UNSEEN | DRESS, rules.unseen),
            (CONTINUED, rules.continued), (DRESS, "&-\u2010"), (DRESS, "".join(map(chr, range(0xC2, 0xF5)))),
        ):
            for c in [ord(x) for x in characters]:
                self.classes[c] |= bits
        self.t.seed = rules.seed
        self.numbers, self.judged, self.small = {}, {}, {}
        self.digests, self.keys, self.tails, self.offsets, self.key_offsets = (_Numbers(8) for _ in range(5))
        self.contents, self.outlines = _Numbers(8), _Numbers(8)
        self.ids, self.sizes, self.covered, self.distinct, self.stamps = (_Numbers(4) for _ in range(5))
        self.digests.put64(0)
        self.stamps.put32(0)
        self.offsets.put64(0)
        self.key_offsets.put64(0)
        for k in range(2):
            self.known_room[k] = 1 << 16
            self.known[k] = <Known *>calloc(self.known_room[k], sizeof(Known))
            if self.known[k] == NULL:
                raise MemoryError
        self.phrase_table = {}
        for head, tails in rules.phrases.items():
            self.phrase_table[self.number(head)] = [([self.number(w) for w in tail], self.number(r)) for tail, r in tails]
        self.begins_room = max(self.phrase_table, default=0) + 1
        self.begins_phrase = <uint8_t *>calloc(self.begins_room, 1)
        for n in self.phrase_table:
            self.begins_phrase[<Py_ssize_t>n] = 1

    def __dealloc__(self):
        for pointer in range(2):
            free(self.known[pointer])
        free(self.classes)
        free(self.t.start); free(self.t.end); free(self.t.hash); free(self.t.line_start); free(self.t.line_end)
        free(self.t.quote); free(self.word); free(self.hint); free(self.first); free(self.last); free(self.out)
        free(self.begins_phrase)

    def __len__(self):
        return self.offsets.size - 1

    # -- what was found, as columns

    def columns(self):
        """What was found, one array a column (see `reference.Lexer.columns`)."""
        return {
            "ids": self.ids.array(),
            "offsets": self.offsets.array().view(np.int64),
            "digests": self.digests.array(),
            "informative": self.distinct.array(),
            "contents": self.contents.array(),
            "keys": self.keys.array(),
            "sizes": self.sizes.array(),
            "covered": self.covered.array(),
            "key_offsets": self.key_offsets.array().view(np.int64),
            "outlines": self.outlines.array(),
            "tails": self.tails.array(),
        }

    def number(self, str word):
        """The number of a folded word, from 1."""
        found = self.numbers.get(word)
        return self._number(word, self.digest(word)) if found is None else found

    cdef object _number(self, str word, uint64_t digest):
        self.digests.put64(digest)
        self.stamps.put32(0)
        found = self.numbers[word] = self.digests.size - 1
        return found

    # -- one text

    def add(self, str text, title=None, learned=None):
        """Lexes a text; `learned` is what the collection taught about furniture."""
        cdef Py_ssize_t n = len(text)
        cdef int kind = PyUnicode_KIND(text)
        cdef void *data = PyUnicode_DATA(text)
        cdef bint strange, latin
        if n > 0x7FFFFFF0:
            self.append(self.slow(text, title, learned))
            return
        self._make_room(n + 1)
        if kind == 1:
            strange = tokenise_1(data, n, self.classes, &self.t)
        elif kind == 2:
            strange = tokenise_2(data, n, self.classes, &self.t)
        else:
            strange = tokenise_4(data, n, self.classes, &self.t)
        blocks = None
        if not strange and self.t.lines >= 4 and self._may_be_wrapped():
            strange = True
        if strange:
            self.append(self.slow(text, title, learned))
            return
        if kind == 1:
            latin = surely_latin_1(data, n)
        elif kind == 2:
            latin = surely_latin_2(data, n)
        else:
            latin = surely_latin_4(data, n)
        if not latin:
            latin = self.is_latin(text)
        self._look_up(text, latin)
        self._mark(text, kind, data, title, learned)

    cdef int _make_room(self, Py_ssize_t n) except -1:
        if n <= self.room:
            return 0
        n += n // 2
        self.room = 0
        self.t.start = <int32_t *>realloc(self.t.start, n * 4)
        self.t.end = <int32_t *>realloc(self.t.end, n * 4)
        self.t.hash = <uint64_t *>realloc(self.t.hash, n * 8)
        self.t.line_start = <int32_t *>realloc(self.t.line_start, n * 4)
        self.t.line_end = <int32_t *>realloc(self.t.line_end, n * 4)
        self.t.quote = <int32_t *>realloc(self.t.quote, n * 4)
        self.word = <uint32_t *>realloc(self.word, n * 4)
        self.hint = <uint32_t *>realloc(self.hint, n * 4)
        self.first = <int32_t *>realloc(self.first, n * 4)
        self.last = <int32_t *>realloc(self.last, n * 4)
        self.out = <uint8_t *>realloc(self.out, n)
        if (
            self.t.start == NULL or self.t.end == NULL or self.t.hash == NULL or self.t.line_start == NULL
            or self.t.line_end == NULL or self.t.quote == NULL or self.word == NULL or self.hint == NULL
            or self.first == NULL or self.last == NULL or self.out == NULL
        ):
            raise MemoryError
        self.room = n
        return 0

    cdef bint _may_be_wrapped(self) noexcept:
        """False if some line is longer than any text wrapped to a width has."""
        cdef Py_ssize_t i
        for i in range(self.t.lines):
            if self.t.line_end[i] - self.t.line_start[i] > 120:
                return False
        return True

    cdef int _look_up(self, str text, bint latin) except -1:
        """Tokens to words; phrases joined. Leaves word, hint, and the tokens `first` to `last` of each."""
        cdef Py_ssize_t i, count = 0, slot, mask
        cdef uint64_t hash_
        cdef Known *table = self.known[latin]
        cdef Known entry
        cdef bint phrases = False
        mask = self.known_room[latin] - 1
        for i in range(self.t.tokens):
            hash_ = self.t.hash[i]
            if i + 12 < self.t.tokens:
                __builtin_prefetch(&table[self.t.hash[i + 12] & mask])
            slot = hash_ & mask
            while table[slot].hash != hash_ and table[slot].hash != 0:
                slot = (slot + 1) & mask
            if table[slot].hash == 0:
                self._learn(text, i, latin)
                table = self.known[latin]
                mask = self.known_room[latin] - 1
                slot = hash_ & mask
                while table[slot].hash != hash_:
                    slot = (slot + 1) & mask
            entry = table[slot]
            if entry.word == 0:
                continue
            if entry.word < self.begins_room and self.begins_phrase[entry.word]:
                phrases = True
            self.word[count] = entry.word
            self.hint[count] = entry.hints
            self.first[count] = i
            self.last[count] = i
            count += 1
        self.first[count] = self.t.tokens
        if phrases:
            count = self._join_phrases(count)
        self.t.tokens = count  # from here on words; their characters are start[first] to end[last]
        return 0

    cdef int _learn(self, str text, Py_ssize_t i, bint latin) except -1:
        """A token never seen before."""
        cdef str raw = PyUnicode_Substring(text, self.t.start[i], self.t.end[i])
        cdef Known entry
        if raw.isascii() and raw.isalpha():
            # In any case the same: only the small form is looked up the long way.
            small = raw.lower()
            found = self.small.get(small)
            if found is None:
                found = self.small[small] = self._met(small, True)
        else:
            found = self._met(raw, latin)
        entry.hash = self.t.hash[i]
        entry.word, entry.hints = found
        self._store(entry, latin)
        return 0

    cdef tuple _met(self, str token, bint latin):
        word, digest, hints = self.meet(token, latin)
        if not word:
            return 0, hints
        found = self.numbers.get(word)
        if found is None:
            found = self._number(word, digest)
        return found, hints

    cdef int _store(self, Known entry, bint latin) except -1:
        cdef Py_ssize_t slot, k, old_room = self.known_room[latin]
        cdef Known *old = self.known[latin]
        cdef Known *table = old
        if 2 * self.known_size[latin] >= old_room:
            table = <Known *>calloc(old_room * 4, sizeof(Known))
            if table == NULL:
                raise MemoryError
            self.known_room[latin] = old_room * 4
            for k in range(old_room):
                if old[k].hash:
                    slot = old[k].hash & (self.known_room[latin] - 1)
                    while table[slot].hash:
                        slot = (slot + 1) & (self.known_room[latin] - 1)
                    table[slot] = old[k]
            self.known[latin] = table
            free(old)
        slot = entry.hash & (self.known_room[latin] - 1)
        while table[slot].hash:
            slot = (slot + 1) & (self.known_room[latin] - 1)
        table[slot] = entry
        self.known_size[latin] += 1
        return 0

    cdef Py_ssize_t _join_phrases(self, Py_ssize_t count) except -1:
        cdef Py_ssize_t i = 0, kept = 0, k, length
        cdef bint same
        while i < count:
            length = 0
            self.first[kept], self.last[kept] = self.first[i], self.last[i]
            self.hint[kept] = self.hint[i]
            if self.word[i] < self.begins_room and self.begins_phrase[self.word[i]]:
                for tail, replacement in self.phrase_table[self.word[i]]:
                    length = len(tail)
                    same = i + length < count
                    for k in range(length):
                        if not same:
                            break
                        same = self.word[i + 1 + k] == <uint32_t>tail[k]
                    if same:
                        self.word[kept] = replacement
                        for k in range(1, length + 1):
                            self.hint[kept] |= self.hint[i + k] & NEEDED
                        self.last[kept] = self.last[i + length]
                        break
                    length = -1
            else:
                length = -1
            if length < 0:
                self.word[kept] = self.word[i]
                length = 0
            kept += 1
            i += length + 1
        return kept

    cdef int _mark(self, str text, int kind, void *data, title, learned) except -1:
        """Which words are excluded, and what the paragraphs are; writes the columns of this text."""
        cdef Py_ssize_t n = len(text), lines = self.t.lines, words = self.t.tokens, i, k, low, high, j, count, shut
        cdef int32_t start, end
        cdef Py_UCS4 c
        cdef uint64_t key
        cdef uint32_t needed
        cdef bint ask
        cdef Range *blocks = <Range *>malloc((lines + 1) * sizeof(Range))
        cdef uint8_t *furniture = <uint8_t *>calloc(lines + 1, 1)
        cdef Py_ssize_t first_key = self.keys.size
        cdef uint64_t *lanes = NULL
        cdef uint64_t *digest
        if blocks == NULL or furniture == NULL:
            free(blocks); free(furniture)
            raise MemoryError
        try:
            memset(self.out, 0, words)
            lanes = <uint64_t *>malloc((words + 1) * 8)
            if lanes == NULL:
                raise MemoryError
            digest = <uint64_t *>self.digests.data
            for k in range(words):
                lanes[k] = digest[self.word[k]]
            # paragraphs: which words, which key, site furniture or credit line?
            high = 0
            for i in range(lines):
                start, end = self.t.line_start[i], self.t.line_end[i]
                low = high
                needed = 0
                while high < words and self.t.start[self.first[high]] < end:
                    if self.hint[high] & NEEDED:
                        needed = NEEDED
                    high += 1
                blocks[i].start, blocks[i].end = low, high
                key = _xxh64(lanes + low, high - low) if high > low else 0
                self.keys.put64(key)
                self.sizes.put32(high - low)
                while PyUnicode_READ(kind, data, start).isspace():
                    start += 1
                ask = needed != 0
                if not ask:
                    if high > low and self.t.start[self.first[low]] == start:
                        ask = (self.hint[low] & FIRST) != 0
                    else:
                        c = PyUnicode_READ(kind, data, start)
                        ask = c in self.starts_with
                if ask:
                    paragraph = PyUnicode_Substring(text, self.t.line_start[i], end)
                    verdict = self.judged.get(paragraph)
                    if verdict is None:
                        if len(self.judged) > 100_000:
                            self.judged.clear()
                        verdict = self.judged[paragraph] = self.judge(paragraph)
                    furniture[i] = verdict
                if learned is not None and key in learned.paragraphs:
                    furniture[i] |= 1
                if furniture[i]:
                    self._exclude(self.t.line_start[i], end, low, high)
                if not furniture[i] & 2:
                    k = end - 1
                    while k >= start and PyUnicode_READ(kind, data, k).isspace():
                        k -= 1
                    c = PyUnicode_READ(kind, data, k)
                    if c == u")" or c == u"]":
                        k = self.sign_off(text, self.t.line_start[i], end)
                        if k >= 0:
                            self._exclude(k, end, low, high)
            # paragraphs told twice
            seen = set()
            for i in range(lines):
                if blocks[i].end - blocks[i].start >= 8 and self.t.line_end[i] - self.t.line_start[i] >= LONG_ENOUGH:
                    key = (<uint64_t *>self.keys.data)[first_key + i]
                    if key in seen:
                        self._exclude(self.t.line_start[i], self.t.line_end[i], blocks[i].start, blocks[i].end)
                    seen.add(key)
            self._headline(text, kind, data, title, blocks, furniture)
            for i in range(min(lines, 6)):
                if self._may_have_dateline(kind, data, self.t.line_start[i], self.t.line_end[i]):
                    k = self.dateline(text, self.t.line_start[i], self.t.line_end[i])
                    if k >= 0:
                        self._exclude(self.t.line_start[i], k, blocks[i].start, blocks[i].end)
                        break
            if lines and learned is not None and learned.tails:
                i = lines - 1
                low, high = blocks[i].start, blocks[i].end
                for count in range(min(learned.longest, high - low - 1), learned.shortest - 1, -1):
                    if _xxh64(lanes + high - count, count) in learned.tails:
                        memset(self.out + high - count, 1, count)
                        break
            self._quotations(text, kind, data, blocks)
            # the columns
            for i in range(lines):
                shut = 1
                for k in range(blocks[i].start, blocks[i].end):
                    if not self.out[k]:
                        shut = 0
                        break
                self.covered.put32(shut)
            self.key_offsets.put64(self.keys.size)
            self.outlines.put64(_xxh64((<uint64_t *>self.keys.data) + first_key, lines))
            if lines and blocks[lines - 1].end - blocks[lines - 1].start > 8:
                self.tails.put64(_xxh64(lanes + blocks[lines - 1].end - 8, 8))
            else:
                self.tails.put64(0)
            self._emit(words, lanes)
        finally:
            free(blocks); free(furniture); free(lanes)
        return 0

    cdef int _emit(self, Py_ssize_t words, uint64_t *lanes) except -1:
        """Authored words in order, a 0 wherever something was left out between two of them."""
        cdef Py_ssize_t k
        cdef bint gap = False
        cdef uint32_t *target
        cdef uint32_t *stamp = <uint32_t *>self.stamps.data
        cdef uint32_t here = <uint32_t>self.offsets.size
        cdef uint32_t distinct = 0
        self.ids.reserve(words + words)
        target = (<uint32_t *>self.ids.data) + self.ids.size
        cdef Py_ssize_t count = 0
        for k in range(words):
            if stamp[self.word[k]] != here:
                stamp[self.word[k]] = here
                distinct += 1
            if self.out[k]:
                gap = count > 0
                continue
            if gap:
                target[count] = 0
                count += 1
                gap = False
            target[count] = self.word[k]
            count += 1
        self.ids.size += count
        # what is left of the text, as one number; `lanes` has no room for more than the words, and every gap hides one
        for k in range(count):
            lanes[k] = (<uint64_t *>self.digests.data)[target[k]]
        self.contents.put64(_xxh64(lanes, count))
        self.offsets.put64(self.ids.size)
        # too few words for its length: one of them repeated
        self.distinct.put32(0 if words >= 50 and distinct < 0.1 * pow(<double>words, 0.8) else 1)
        return 0

    def append(self, lexed):
        """The columns of a text that was lexed the long way (`derive.lexer.Lexed`)."""
        cdef Py_ssize_t first = self.ids.size
        for word in lexed.words:
            self.ids.put32(self.number(word) if word else 0)
        lanes = self.digests.array()[self.ids.array()[first:]]
        self.contents.put64(xxhash.xxh64_intdigest(lanes.tobytes()))
        self.outlines.put64(xxhash.xxh64_intdigest(np.array(lexed.keys, dtype=np.uint64).tobytes()))
        self.offsets.put64(self.ids.size)
        for key in lexed.keys:
            self.keys.put64(key)
        for size in lexed.sizes:
            self.sizes.put32(size)
        for shut in lexed.covered:
            self.covered.put32(shut)
        self.key_offsets.put64(self.keys.size)
        self.tails.put64(lexed.tail)
        self.distinct.put32(lexed.informative)

    cdef void _exclude(self, Py_ssize_t start, Py_ssize_t end, Py_ssize_t low, Py_ssize_t high) noexcept:
        """Marks the words low..high, and the one before, that lie, wholly or in part, in the characters start..end."""
        cdef Py_ssize_t k
        for k in range(low - 1 if low else 0, high):
            if self.t.start[self.first[k]] < end and self.t.end[self.last[k]] > start:
                self.out[k] = 1

    cdef int _headline(self, str text, int kind, void *data, title, Range *blocks, uint8_t *furniture) except -1:
        """A first line of 3 to 25 words that is no sentence, above a longer text (clean._headline)."""
        cdef Py_ssize_t i, first = -1, second = -1, start, end, pieces = 0, k
        cdef bint space = False, inside = False, blank
        cdef Py_UCS4 c, before
        for i in range(min(self.t.lines, 8)):
            if not furniture[i] & 1:
                if first < 0:
                    first = i
                else:
                    second = i
                    break
        if second < 0:
            return 0
        start, end = self.t.line_start[first], self.t.line_end[first]
        while PyUnicode_READ(kind, data, start).isspace():
            start += 1
        while PyUnicode_READ(kind, data, end - 1).isspace():
            end -= 1
        if title and self.same_title(PyUnicode_Substring(text, start, end), title):
            self._exclude(self.t.line_start[first], self.t.line_end[first], blocks[first].start, blocks[first].end)
            return 0
        if self.t.line_end[second] - self.t.line_start[second] <= end - start:
            return 0
        c = PyUnicode_READ(kind, data, end - 1)
        before = PyUnicode_READ(kind, data, end - 2) if end - start >= 2 else 0
        if c == u"." or c == 0x3002 or c == 0x2026 or (before == u"." and (c == u'"' or c == 0x201D or c == 0x2019 or c == 0xBB)):
            return 0
        for k in range(start, end):
            c = PyUnicode_READ(kind, data, k)
            if c == u" ":
                space = True
            blank = c.isspace()
            if blank:
                inside = False
            elif not inside:
                inside = True
                pieces += 1
        if (space and pieces >= 2 and pieces <= 25) or (not space and end - start <= 40):
            self._exclude(self.t.line_start[first], self.t.line_end[first], blocks[first].start, blocks[first].end)
        return 0

    cdef bint _may_have_dateline(self, int kind, void *data, Py_ssize_t start, Py_ssize_t end) noexcept:
        cdef Py_ssize_t limit = min(end, start + 120), k = start
        cdef Py_UCS4 c
        if end - start <= 40:
            return False
        while k < limit and PyUnicode_READ(kind, data, k).isspace():
            k += 1
        if k + 1 < limit and PyUnicode_READ(kind, data, k) >= u"A" and PyUnicode_READ(kind, data, k) <= u"Z":
            c = PyUnicode_READ(kind, data, k + 1)
            if (c >= u"A" and c <= u"Z") or c == u"'" or c == 0x2019 or c == u"." or c == u"-":
                return True
        for k in range(start, limit):
            if PyUnicode_READ(kind, data, k) == u"(":
                return True
        return False

    # -- quotations: clean._quotations_in, character by character

    cdef int _quotations(self, str text, int kind, void *data, Range *blocks) except -1:
        cdef Py_ssize_t q = 0, i = 0, at, limit, end, k
        cdef Py_UCS4 mark
        cdef list unclosed = []
        cdef Py_ssize_t line = -1
        at = 0
        while q < self.t.quotes:
            while i < self.t.lines and self.t.line_end[i] <= self.t.quote[q]:
                i += 1
            if i >= self.t.lines:
                break
            if i != line:
                line = i
                unclosed = []
                at = self.t.line_start[i]
            if self.t.quote[q] < at:
                q += 1
                continue
            limit = self.t.line_end[i]
            mark = PyUnicode_READ(kind, data, self.t.quote[q])
            end = self._closing(kind, data, self.t.quote[q], limit, mark, unclosed)
            if end >= 0:
                self._exclude(self.t.quote[q], end, blocks[i].start, blocks[i].end)
                at = end
            q += 1
        return 0

    cdef Py_ssize_t _closing(self, int kind, void *data, Py_ssize_t start, Py_ssize_t limit, Py_UCS4 mark, list unclosed):
        cdef Py_UCS4 before, after, c, following
        cdef Py_ssize_t i, k
        cdef bint space, line
        before = PyUnicode_READ(kind, data, start - 1) if start else u" "
        after = PyUnicode_READ(kind, data, start + 1) if start + 1 < limit else u" "
        if (unclosed and mark in unclosed) or (mark == u'"' and _only_closes(before, after)):
            return limit if mark == u'"' and _only_opens(before, after) else -1
        if mark == u"'" or mark == 0x2018 or mark == 0x201A:
            if not _opens(before, after):
                return -1
            for i in range(start + 1, limit):
                c = PyUnicode_READ(kind, data, i)
                if not _closes(mark, c):
                    continue
                following = PyUnicode_READ(kind, data, i + 1) if i + 1 < limit else u" "
                if not following.isalnum() and not PyUnicode_READ(kind, data, i - 1).isspace():
                    # over two words or more, in one line
                    k = start + 1
                    while k < i and PyUnicode_READ(kind, data, k).isspace():
                        if PyUnicode_READ(kind, data, k) == u"\n":
                            return -1
                        k += 1
                    space = line = False
                    while k < i:
                        c = PyUnicode_READ(kind, data, k)
                        if c == u" ":
                            space = True
                        if c == u"\n":
                            line = True
                        k += 1
                    return i + 1 if space and not line else -1
            unclosed.append(mark)
            return -1
        if (mark == 0x201D or mark == 0xBB or mark == 0x203A) and not _opens(before, after):
            return -1
        for i in range(start + 1, limit):
            if _closes(mark, PyUnicode_READ(kind, data, i)) and not (
                mark == u'"' and i + 1 < limit
                and _only_opens(PyUnicode_READ(kind, data, i - 1), PyUnicode_READ(kind, data, i + 1))
            ):
                return i + 1
        if mark == 0x201D or mark == 0xBB or mark == 0x203A or (mark == u'"' and not _only_opens(before, after)):
            unclosed.append(mark)
            return -1
        return limit


cdef inline bint _only_opens(Py_UCS4 before, Py_UCS4 after) noexcept:
    return before.isspace() and after.isalnum()


cdef inline bint _only_closes(Py_UCS4 before, Py_UCS4 after) noexcept:
    return (
        before.isalnum() or before == u"." or before == u"," or before == u"!" or before == u"?" or before == 0x2026
    ) and not after.isalnum()


cdef inline bint _opens(Py_UCS4 before, Py_UCS4 after) noexcept:
    if before.isalnum() or before == u"." or before == u"," or before == u"!" or before == u"?":
        return False
    return (
        after.isalnum() or after == 0x201C or after == 0x201E or after == u'"' or after == u"'" or after == u"."
        or after == 0x2026
    )


cdef inline bint _closes(Py_UCS4 mark, Py_UCS4 c) noexcept:
    """clean._CLOSES."""
    if c < 0x80 and c != u'"' and c != u"'":
        return False
    if mark == 0x201C:
        return c == 0x201D or c == 0x201C
    if mark == 0x201D:
        return c == 0x201D
    if mark == 0x201E:
        return c == 0x201C or c == 0x201D
    if mark == 0xAB:
        return c == 0xBB
    if mark == 0xBB:
        return c == 0xAB
    if mark == 0x2039:
        return c == 0x203A
    if mark == 0x203A:
        return c == 0x2039
    if mark == u'"':
        return c == u'"' or c == 0x201D
    if mark == 0xFF02:
        return c == 0xFF02
    if mark == 0x300C:
        return c == 0x300D
    if mark == 0x300E:
        return c == 0x300F
    if mark == 0x301D:
        return c == 0x301E or c == 0x301F
    if mark == 0x300A:
        return c == 0x300B
    if mark == 0x2018:
        return c == 0x2019
    if mark == 0x201A:
        return c == 0x2018 or c == 0x2019
    return c == u"'"


# -- shingles of numbered words


def sample(
    const uint32_t[::1] ids, const int64_t[::1] starts, const int64_t[::1] ends, const uint64_t[::1] digests, int size,
    uint64_t below,
):
    """Shingles whose public hash is at most `below`: their hashes, the texts they stand in, and each text's shingles in all."""
    cdef Py_ssize_t texts = len(starts), d, k, run, j, count = 0, total = 0
    cdef uint64_t h
    cdef uint64_t *round_ = <uint64_t *>malloc((len(digests) + 1) * 8)
    cdef uint64_t *lane = <uint64_t *>malloc((size + 1) * 8)
    cdef _Numbers hashes = _Numbers(8), owners = _Numbers(4)
    cdef uint64_t *out
    cdef uint32_t *owner
    windows = np.zeros(texts, dtype=np.int64)
    cdef int64_t[::1] window = windows
    if round_ == NULL or lane == NULL:
        free(round_); free(lane)
        raise MemoryError
    try:
        for k in range(len(digests)):
            round_[k] = _round(0, digests[k])
        for d in range(texts):
            hashes.reserve(ends[d] - starts[d])
            owners.reserve(ends[d] - starts[d])
            out, owner = <uint64_t *>hashes.data, <uint32_t *>owners.data
            count = hashes.size
            run = 0
            total = 0
            for k in range(starts[d], ends[d]):
                run = run + 1 if ids[k] else 0
                if run < size:
                    continue
                total += 1
                if size < 4:
                    h = P5 + <uint64_t>(8 * size)
                    for j in range(size):
                        h = rotate_left(h ^ round_[ids[k - size + 1 + j]], 27) * P1 + P4
                    h = _finish(h)
                else:
                    for j in range(size):
                        lane[j] = digests[ids[k - size + 1 + j]]
                    h = _xxh64(lane, size)
                out[count] = h
                owner[count] = <uint32_t>d
                count += h <= below
            window[d] = total
            hashes.size = owners.size = count
    finally:
        free(round_); free(lane)
    return hashes.array(), owners.array(), windows


def runs(const uint64_t[::1] packed, int bits, Py_ssize_t rare, Py_ssize_t neighbours):
    """Pairs of texts, as first << 32 | second, once for every sampled shingle that they share.

    `packed` are distinct, sorted numbers: a shingle's hash above, the text it stands in in the lowest `bits`. A shingle in
    more than `rare` texts links each of them to its next `neighbours` and to the one with most such shingles.
    """
    cdef Py_ssize_t n = len(packed), i, j, k, m, first, pairs = 0
    cdef uint64_t mask = (<uint64_t>1 << bits) - 1, a, b, hub
    crowded = np.zeros(1 << bits if bits < 40 else 1, dtype=np.uint32)
    cdef uint32_t[::1] crowd = crowded
    i = 0
    while i < n:
        j = i + 1
        while j < n and packed[j] >> bits == packed[i] >> bits:
            j += 1
        m = j - i
        if m > rare:
            for k in range(i, j):
                crowd[packed[k] & mask] += 1
            pairs += m * (neighbours + 1)
        else:
            pairs += m * (m - 1) // 2
        i = j
    keys = np.empty(pairs, dtype=np.uint64)
    cdef uint64_t[::1] key = keys
    cdef Py_ssize_t at = 0
    i = 0
    while i < n:
        j = i + 1
        while j < n and packed[j] >> bits == packed[i] >> bits:
            j += 1
        if j - i > rare:
            hub = packed[i] & mask
            for k in range(i, j):
                if crowd[packed[k] & mask] > crowd[hub]:
                    hub = packed[k] & mask
            for k in range(i, j):
                a = packed[k] & mask
                for m in range(k + 1, min(j, k + 1 + neighbours)):
                    b = packed[m] & mask
                    if a != hub and b != hub:
                        key[at] = a << 32 | b
                        at += 1
                if a != hub:
                    key[at] = (a << 32 | hub) if a < hub else (hub << 32 | a)
                    at += 1
        else:
            for k in range(i, j):
                a = (packed[k] & mask) << 32
                for m in range(k + 1, j):
                    key[at] = a | (packed[m] & mask)
                    at += 1
        i = j
    return keys[:at]


cdef inline uint64_t _code(const uint32_t *word, int size, int bits) noexcept nogil:
    """The shingle's number: its words' numbers side by side, or, where those are too many, mixed. Never 0."""
    cdef uint64_t h = 0
    cdef int j
    if bits * size <= 64:
        for j in range(size):
            h = h << bits | word[j]
        return h
    for j in range(size):
        h = _finish(rotate_left(h, 23) ^ (<uint64_t>word[j] * P1 + P5))
    return h | 1


def shared(
    const uint32_t[::1] ids, const int64_t[::1] starts, const int64_t[::1] ends, const int64_t[::1] a,
    const int64_t[::1] b, int size, int bits,
):
    """For pairs of texts sorted by `a`: distinct shingles of `a`, of `b`, and how many both have. Exact."""
    cdef Py_ssize_t pairs = len(a), p, k, slot, run, room = 1, longest = 1, mask
    cdef int64_t at = -1, distinct = 0, both
    cdef uint64_t code
    cdef const uint32_t *word = &ids[0] if len(ids) else NULL
    for k in range(len(starts)):
        longest = max(longest, ends[k] - starts[k])
    while room < 2 * longest + 2:
        room *= 2
    counts = np.zeros((3, pairs), dtype=np.int64)
    cdef int64_t[:, ::1] count = counts
    sizes = np.full(len(starts), -1, dtype=np.int64)
    cdef int64_t[::1] known = sizes
    cdef uint64_t *table = <uint64_t *>malloc(room * 8)
    cdef uint32_t *seen = <uint32_t *>malloc(room * 4)
    if table == NULL or seen == NULL:
        free(table); free(seen)
        raise MemoryError
    with nogil:
        for p in range(pairs):  # sizes of the second texts
            if known[b[p]] < 0:
                mask = _mask(ends[b[p]] - starts[b[p]])
                known[b[p]] = _fill(word, starts[b[p]], ends[b[p]], size, bits, table, mask)
        for p in range(pairs):
            if a[p] != at:
                at = a[p]
                mask = _mask(ends[at] - starts[at])
                distinct = _fill(word, starts[at], ends[at], size, bits, table, mask)
                memset(seen, 0, (mask + 1) * 4)
            both = 0
            run = 0
            for k in range(starts[b[p]], ends[b[p]]):
                run = run + 1 if word[k] else 0
                if run < size:
                    continue
                code = _code(word + k - size + 1, size, bits)
                slot = _slot(code) & mask
                while table[slot] != 0 and table[slot] != code:
                    slot = (slot + 1) & mask
                if table[slot] == code and seen[slot] != <uint32_t>(p + 1):
                    seen[slot] = <uint32_t>(p + 1)
                    both += 1
            count[0, p] = distinct
            count[1, p] = known[b[p]]
            count[2, p] = both
    free(table); free(seen)
    return counts


cdef inline Py_ssize_t _mask(int64_t words) noexcept nogil:
    cdef Py_ssize_t room = 2
    while room < 2 * words + 2:
        room *= 2
    return room - 1


cdef inline uint64_t _slot(uint64_t code) noexcept nogil:
    return (code * P1) >> 20


cdef int64_t _fill(
    const uint32_t *word, int64_t low, int64_t high, int size, int bits, uint64_t *table, Py_ssize_t mask
) noexcept nogil:
    """The text's distinct shingles into the table; how many they are."""
    cdef Py_ssize_t k, slot, run = 0
    cdef int64_t distinct = 0
    cdef uint64_t code
    memset(table, 0, (mask + 1) * 8)
    for k in range(low, high):
        run = run + 1 if word[k] else 0
        if run < size:
            continue
        code = _code(word + k - size + 1, size, bits)
        slot = _slot(code) & mask
        while table[slot] != 0 and table[slot] != code:
            slot = (slot + 1) & mask
        if table[slot] == 0:
            table[slot] = code
            distinct += 1
    return distinct
