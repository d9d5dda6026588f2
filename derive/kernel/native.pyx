# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The kernel, compiled. Every function equals the one of the same name in reference.py on any text (tests/test_kernel.py)."""

import numpy as np
from cpython.unicode cimport PyUnicode_Substring
from libc.stdint cimport int64_t, uint8_t

cdef enum:
    LETTER = 1
    MARK = 2
    DIGIT = 4
    SPACELESS = 8
    APOSTROPHE = 16

cdef inline bint _is(const uint8_t[::1] classes, Py_UCS4 c, int bits) noexcept:
    return classes[<Py_ssize_t>c] & bits


cdef Py_ssize_t _letters(str text, const uint8_t[::1] classes, Py_ssize_t i, Py_ssize_t n):
    """The end of the letters and marks from i on."""
    while i < n and _is(classes, text[i], LETTER | MARK):
        i += 1
    return i


cdef Py_ssize_t _number(str text, const uint8_t[::1] classes, Py_ssize_t i, Py_ssize_t n):
    """The end of the number at i: digits, groups after points and commas, an ordinal's ending."""
    cdef Py_UCS4 c, d
    cdef Py_ssize_t length = 0
    while i < n and _is(classes, text[i], DIGIT):
        i += 1
    while i + 1 < n and (text[i] == u"." or text[i] == u",") and _is(classes, text[i + 1], DIGIT):
        i += 1
        while i < n and _is(classes, text[i], DIGIT):
            i += 1
    if i < n:
        c = text[i]
        d = text[i + 1] if i + 1 < n else u"\0"
        if (c == u"s" and d == u"t") or (c == u"n" and d == u"d") or (c == u"r" and d == u"d") or (c == u"t" and d == u"h"):
            length = 2
            if i + 2 < n and _is(classes, text[i + 2], LETTER):
                length = 0
        if length == 0 and c == u"s" and not (i + 1 < n and _is(classes, d, LETTER)):
            length = 1
    return i + length


cdef Py_ssize_t _initials(str text, const uint8_t[::1] classes, Py_ssize_t i, Py_ssize_t n):
    """The end of initials with points at i ('U.S.A'), or -1."""
    cdef Py_ssize_t k = 0
    while i + 1 < n and _is(classes, text[i], LETTER) and text[i + 1] == u".":
        i += 2
        k += 1
    if k < 2:
        return -1
    if i >= n or not _is(classes, text[i], LETTER):
        return i
    if i + 1 >= n or not _is(classes, text[i + 1], LETTER):
        return i + 1
    return i - 1 if k >= 3 else -1


def cut(str text, bytes classes, dict folded, fold):
    cdef const uint8_t[::1] table = classes
    cdef Py_ssize_t i = 0, n = len(text), end, count = 0
    cdef Py_UCS4 c
    cdef uint8_t kind
    cdef str raw
    cdef object word
    cdef list strings = []
    places = np.empty((2, n if n else 1), dtype=np.int64)
    cdef int64_t[:, ::1] place = places
    while i < n:
        c = text[i]
        kind = table[<Py_ssize_t>c]
        end = -1
        if kind & DIGIT:
            end = _number(text, table, i, n)
        if end < 0 and kind & LETTER:
            if i + 1 < n and text[i + 1] == u".":
                end = _initials(text, table, i, n)
            if end < 0:
                end = _letters(text, table, i + 1, n)
                while end + 1 < n and _is(table, text[end], APOSTROPHE) and _is(table, text[end + 1], LETTER):
                    end = _letters(text, table, end + 2, n)
        if end < 0 and kind & SPACELESS:
            end = i + 1
            while end < n and _is(table, text[end], MARK):
                end += 1
        if end < 0 and (c == u"%" or c == u"&"):
            end = i + 1
        if end < 0:
            i += 1
            continue
        raw = PyUnicode_Substring(text, i, end)
        word = folded.get(raw)
        if word is None:
            word = folded[raw] = fold(raw)
        if word:
            strings.append(word)
            place[0, count] = i
            place[1, count] = end
            count += 1
        i = end
    return strings, places[0, :count].copy(), places[1, :count].copy()


cdef inline bint _ends(Py_UCS4 c) noexcept:
    return (
        c == u"." or c == u"!" or c == u"?" or c == 0x2026 or c == 0x3002 or c == 0xFF01 or c == 0xFF1F
        or c == u"\r" or c == u"\n" or c == 0x85 or c == 0x2028 or c == 0x2029
    )


cdef inline bint _opens(Py_UCS4 c) noexcept:
    return (
        c == u'"' or c == 0x201C or c == 0x201E or c == 0xAB or c == 0x300C or c == 0x300E or c == u":" or c == u";"
        or c == 0x2013 or c == 0x2014 or c == u"(" or c == u"["
    )


def sentences(str text, tuple strings, starts, ends, frozenset abbreviations):
    cdef Py_ssize_t words = len(strings), i, k
    cdef Py_ssize_t low, high
    cdef int64_t current = 0
    cdef Py_UCS4 mark
    cdef bint line
    numbers = np.zeros(words, dtype=np.int64)
    firsts = np.zeros(words, dtype=np.uint8)
    cdef int64_t[::1] number = numbers
    cdef uint8_t[::1] first = firsts
    cdef const int64_t[::1] start = starts
    cdef const int64_t[::1] end = ends
    for i in range(words):
        if i == 0:
            first[0] = 1
            continue
        low, high = end[i - 1], start[i]
        mark = 0
        line = False
        for k in range(low, high):
            if mark == 0 and _ends(text[k]):
                mark = text[k]
            if text[k] == u"\n":
                line = True
        if mark:
            if not (mark == u"." and (len(<str>strings[i - 1]) == 1 or strings[i - 1] in abbreviations) and not line):
                current += 1
                first[i] = 1
        else:
            k = high - 1
            while k >= low and text[k].isspace():
                k -= 1
            if k >= low and _opens(text[k]):
                first[i] = 1
        number[i] = current
    return numbers, firsts.view(np.bool_)


def capitals(str text, starts):
    cdef Py_ssize_t words = len(starts), i
    cdef const int64_t[::1] start = starts
    cdef Py_UCS4 c
    high = np.zeros(words, dtype=np.uint8)
    small = np.zeros(words, dtype=np.uint8)
    cdef uint8_t[::1] capital = high
    cdef uint8_t[::1] lower = small
    for i in range(words):
        c = text[start[i]]
        capital[i] = c.isupper() or c.istitle()
        lower[i] = c.islower()
    return high.view(np.bool_), small.view(np.bool_)
