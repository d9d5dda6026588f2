/* Words, lines and quotation marks of a text, for one width of characters. lexer.pyx includes this file once for each of
   CPython's three widths, with CH and NAME defined. Equal to reference.cut (tests/test_lexer.py). Reads s[0..n-1] alone. */

#ifndef DERIVE_TOKENISE
#define DERIVE_TOKENISE
#include <stdint.h>
#include <string.h>

enum {
    LETTER = 1, MARK = 2, DIGIT = 4, SPACELESS = 8, APOSTROPHE = 16, /* as in reference.py */
    SPACE = 32, BREAK = 64, QUOTE = 128, DRESS = 256, SYMBOL = 512, CONTINUED = 1024, UNSEEN = 2048
};

typedef struct {
    Py_ssize_t tokens, lines, quotes;
    int32_t *start, *end;         /* of each token */
    uint64_t *hash;               /* of its characters, with the seed */
    int32_t *line_start, *line_end;
    int32_t *quote;               /* where an opening mark may stand */
    uint64_t seed;
} Tokens;

static inline uint64_t rotate_left(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

static inline uint64_t read_up_to_8(const uint8_t *p, Py_ssize_t n) {
    uint64_t low = 0, high = 0;
    if (n >= 8) { memcpy(&low, p, 8); return low; }
    if (n >= 4) { memcpy(&low, p, 4); memcpy(&high, p + n - 4, 4); return low | (high << 32); }
    if (n > 0) { low = p[0]; low |= (uint64_t)p[n >> 1] << 8; low |= (uint64_t)p[n - 1] << 16; }
    return low;
}

/* A keyed hash of a token's bytes: a collision can be neither planned nor, with 64 bits, be met. */
static inline uint64_t hash_bytes(const uint8_t *p, Py_ssize_t n, uint64_t seed) {
    uint64_t h = seed ^ ((uint64_t)n * 0x9E3779B97F4A7C15ULL);
    while (n > 8) {
        h = rotate_left((h ^ read_up_to_8(p, 8)) * 0xD6E8FEB86659FD93ULL, 32) + seed;
        p += 8; n -= 8;
    }
    h = (h ^ read_up_to_8(p, n)) * 0xD6E8FEB86659FD93ULL;
    h ^= h >> 32; h *= 0xD6E8FEB86659FD93ULL; h ^= h >> 29;
    return h ? h : 1;
}
#endif

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

/* Fills `out`; its arrays must have room for n + 1 of each. Returns 1 where something may be dressed (see above). */
static int NAME(tokenise)(const CH *s, Py_ssize_t n, const uint16_t *classes, Tokens *out) {
    Py_ssize_t i = 0, line = 0, end, k;
    int filled = 0;
    out->tokens = out->lines = out->quotes = 0;
    while (i < n) {
        unsigned kind = classes[s[i]];
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
        out->hash[out->tokens++] = hash_bytes((const uint8_t *)(s + i), (end - i) * (Py_ssize_t)sizeof(CH), out->seed + sizeof(CH));
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
