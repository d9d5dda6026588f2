/* Words, lines and quotation marks of a text, for one width of characters. lexer.pyx includes this file once for each of
   CPython's three widths, with CH and NAME defined. Equal to reference.cut (tests/test_lexer.py). Reads s[0..n-1] alone. */

#ifndef DERIVE_TOKENISE
#define DERIVE_TOKENISE
#include "columns.h"

enum {
    LETTER = 1, MARK = 2, DIGIT = 4, SPACELESS = 8, APOSTROPHE = 16, /* as in reference.py */
    SPACE = 32, BREAK = 64, QUOTE = 128, DRESS = 256, SYMBOL = 512, CONTINUED = 1024, UNSEEN = 2048
};

/* Bytes that need no second look: letters, spaces, and what is none of the above. */
enum { FAST_PLAIN, FAST_LETTER, FAST_SPACE, FAST_NOT };
#define PADDING 16 /* zeros after the last byte of `narrow` */

typedef struct {
    Py_ssize_t tokens, lines, quotes;
    int32_t *start, *end;         /* of each token */
    uint64_t *hash;               /* keyed, of its characters; of its small letters where they are ASCII letters */
    int32_t *line_start, *line_end;
    int32_t *quote;               /* where a quotation mark stands, opening or closing */
    uint8_t *narrow;              /* the text in bytes, 0x80 or more for what is not ASCII */
    Py_ssize_t wide;              /* characters outside ASCII */
    uint8_t fast[256];
    uint64_t key[4];
} Tokens;

/* The end of the ASCII letters that begin at i, eight at a time. */
static inline Py_ssize_t letters_end(const uint8_t *a, Py_ssize_t i) {
    for (;; i += 8) {
        uint64_t w = read64(a + i), seven = (w | SMALL_LETTERS) & 0x7F7F7F7F7F7F7F7FULL;
        uint64_t from_a = seven + 0x1F1F1F1F1F1F1F1FULL, beyond_z = seven + 0x0505050505050505ULL;
        uint64_t others = (~(from_a & ~beyond_z) | w) & 0x8080808080808080ULL;
        if (others) return i + (lowest_bit(others) >> 3);
    }
}
#endif

static void NAME(narrow)(const CH *s, Py_ssize_t n, Tokens *out) {
    uint8_t *a = out->narrow;
    Py_ssize_t i, wide = 0;
    for (i = 0; i < n; i++) {
        a[i] = s[i] < 0x80 ? (uint8_t)s[i] : 0x80;
        wide += s[i] >= 0x80;
    }
    memset(a + n, 0, PADDING);
    out->wide = wide;
}

/* True where something may hide at s[i] that only the whole of `normalise` knows how to take off. */
static int NAME(dressed)(const CH *s, Py_ssize_t i, Py_ssize_t n, const uint16_t *classes) {
    Py_UCS4 c = s[i];
    Py_ssize_t k, limit;
    if (classes[c] & UNSEEN) return 1;
    if (c == '&') {
        limit = i + 34 < n ? i + 34 : n;
        for (k = i + 1; k < limit; k++) {
            Py_UCS4 d = s[k];
            if (d == ';') return k > i + 1;
            if (!(d == '#' || (d >= '0' && d <= '9') || ((d | 32) >= 'a' && (d | 32) <= 'z'))) return 0;
        }
        return 0;
    }
    if (c == '-' || c == 0x2010)
        return i > 0 && i + 1 < n && (s[i + 1] == '\n' || s[i + 1] == '\r') && s[i - 1] >= 'a' && s[i - 1] <= 'z';
    if (c >= 0xC2 && c <= 0xF4) { /* UTF-8 read as Windows-1252 */
        int more = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        if (c == 0xE2 && i + 1 < n && (Py_UCS4)s[i + 1] == 0x20AC) return 1;
        for (k = 1; k <= more; k++)
            if (i + k >= n || !(classes[s[i + k]] & CONTINUED)) return 0;
        return 1;
    }
    if (classes[c] & MARK) { /* a run of marks that is cut */
        for (k = i; k < n && (classes[s[k]] & MARK); k++)
            if (k - i >= 30) return 1;
        return 0;
    }
    return 0;
}

static inline Py_ssize_t NAME(number)(const CH *s, Py_ssize_t i, Py_ssize_t n, const uint16_t *classes) {
    Py_ssize_t length = 0;
    while (i < n && (classes[s[i]] & DIGIT)) i++;
    while (i + 1 < n && (s[i] == '.' || s[i] == ',') && (classes[s[i + 1]] & DIGIT)) {
        i++;
        while (i < n && (classes[s[i]] & DIGIT)) i++;
    }
    if (i < n) {
        Py_UCS4 c = s[i], d = i + 1 < n ? s[i + 1] : 0;
        if ((c == 's' && d == 't') || (c == 'n' && d == 'd') || (c == 'r' && d == 'd') || (c == 't' && d == 'h')) {
            length = 2;
            if (i + 2 < n && (classes[s[i + 2]] & LETTER)) length = 0;
        }
        if (length == 0 && c == 's' && !(i + 1 < n && (classes[d] & LETTER))) length = 1;
    }
    return i + length;
}

static inline Py_ssize_t NAME(initials)(const CH *s, Py_ssize_t i, Py_ssize_t n, const uint16_t *classes) {
    Py_ssize_t k = 0;
    while (i + 1 < n && (classes[s[i]] & LETTER) && s[i + 1] == '.') { i += 2; k++; }
    if (k < 2) return -1;
    if (i >= n || !(classes[s[i]] & LETTER)) return i;
    if (i + 1 >= n || !(classes[s[i + 1]] & LETTER)) return i + 1;
    return k >= 3 ? i - 1 : -1;
}

/* True if the ASCII letters from i to end, in `narrow`, are all of their word. */
static inline int NAME(is_whole)(const CH *s, Py_ssize_t i, Py_ssize_t end, Py_ssize_t n, const uint16_t *classes, const uint8_t *a) {
    if (LIKELY(a[end] < 0x80)) {
        if (a[end] == '\'' || a[end] == '`') return !(end + 1 < n && (classes[s[end + 1]] & LETTER));
        return a[end] != '.' || end > i + 1;
    }
    return !(classes[s[end]] & (LETTER | MARK | APOSTROPHE));
}

/* Fills `out`; its arrays must have room for n + 1 of each. Returns 1 where something may be dressed (see above).
   `narrow` must be filled; `latin` goes into the hashes of words outside ASCII, which are folded differently. */
static int NAME(tokenise)(const CH *s, Py_ssize_t n, int latin, const uint16_t *classes, Tokens *out) {
    const uint8_t *a = out->narrow;
    Py_ssize_t i = 0, line = 0, end, k;
    int filled = 0;
    out->tokens = out->lines = out->quotes = 0;
    while (i < n) {
        unsigned kind = out->fast[a[i]];
        if (kind == FAST_LETTER) {
            end = letters_end(a, i);
            if (LIKELY(a[end] == ' ') || NAME(is_whole)(s, i, end, n, classes, a)) {
                out->start[out->tokens] = (int32_t)i;
                out->end[out->tokens] = (int32_t)end;
                out->hash[out->tokens++] = keyed_letters(a + i, end - i, out->key);
                filled = 1;
                i = end + (a[end] == ' ');
                continue;
            }
        } else if (kind != FAST_NOT) {
            filled |= kind == FAST_PLAIN;
            i++;
            continue;
        }
        kind = classes[s[i]];
        if (!(kind & (LETTER | DIGIT | SPACELESS | SYMBOL))) {
            if (kind & (BREAK | QUOTE | DRESS)) {
                if (kind & DRESS && NAME(dressed)(s, i, n, classes)) return 1;
                if (kind & BREAK) {
                    if (filled) { out->line_start[out->lines] = (int32_t)line; out->line_end[out->lines++] = (int32_t)i; }
                    line = i + 1;
                    filled = 0;
                }
                if (kind & QUOTE) out->quote[out->quotes++] = (int32_t)i;
            }
            if (!(kind & SPACE)) filled = 1;
            i++;
            continue;
        }
        filled = 1;
        end = -1;
        if (kind & DIGIT) end = NAME(number)(s, i, n, classes);
        if (end < 0 && kind & LETTER) {
            if (i + 1 < n && s[i + 1] == '.') end = NAME(initials)(s, i, n, classes);
            if (end < 0) {
                unsigned all = kind, one;
                end = i + 1;
                for (;;) {
                    while (end < n && ((one = classes[s[end]]) & (LETTER | MARK))) { all |= one; end++; }
                    if (!(end + 1 < n && (classes[s[end]] & APOSTROPHE) && (classes[s[end + 1]] & LETTER))) break;
                    if ((classes[s[end]] & QUOTE) && !(classes[s[end - 1]] & LETTER)) out->quote[out->quotes++] = (int32_t)end;
                    end++;
                }
                kind = all;
            }
        }
        if (end < 0 && kind & SPACELESS) {
            end = i + 1;
            while (end < n && (classes[s[end]] & MARK)) end++;
            kind |= end > i + 30 ? DRESS : 0;
        }
        if (end < 0) end = i + 1;
        if (kind & DRESS)
            for (k = i; k < end; k++)
                if ((classes[s[k]] & DRESS) && NAME(dressed)(s, k, n, classes)) return 1;
        out->start[out->tokens] = (int32_t)i;
        out->end[out->tokens] = (int32_t)end;
        if (letters_end(a, i) == end)
            out->hash[out->tokens++] = keyed_letters(a + i, end - i, out->key);
        else
            out->hash[out->tokens++] = keyed_bytes((const uint8_t *)(s + i), (end - i) * sizeof(CH), 2 * sizeof(CH) + latin, out->key);
        i = end;
    }
    if (filled) { out->line_start[out->lines] = (int32_t)line; out->line_end[out->lines++] = (int32_t)n; }
    return 0;
}

/* True if the first 20,000 characters are Latin beyond doubt: two ASCII letters or more to each character outside ASCII. */
static int NAME(surely_latin)(const CH *s, Py_ssize_t n) {
    Py_ssize_t i, letters = 0, other = 0;
    if (n > 20000) n = 20000;
    for (i = 0; i < n; i++) {
        other += s[i] > 127;
        letters += ((CH)(s[i] | 32) >= 'a') & ((CH)(s[i] | 32) <= 'z');
    }
    return letters >= 2 * other;
}
