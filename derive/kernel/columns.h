/* What the compiled lexer is built of: growing columns, a table of keyed hashes, XXH64. Nothing here knows of Python. */

#ifndef DERIVE_COLUMNS
#define DERIVE_COLUMNS
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__) || defined(__clang__)
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define PREFETCH(p) __builtin_prefetch(p)
static inline int lowest_bit(uint64_t x) { return __builtin_ctzll(x); }
#else
#define LIKELY(x) (x)
#define PREFETCH(p) ((void)(p))
static inline int lowest_bit(uint64_t x) { int k = 0; while (!(x & 1)) { x >>= 1; k++; } return k; }
#endif

static inline uint64_t rotate_left(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

/* Eight bytes as a little-endian number, on any machine (compilers make one load of it). */
static inline uint64_t read64(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32
         | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static inline uint64_t read32(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

/* -- growing columns */

typedef struct { char *data; size_t size, room, width; } Column;

/* Room for `more` numbers; 0, or -1 without memory. */
static inline int column_reserve(Column *c, size_t more) {
    size_t room = c->room;
    char *grown;
    if (LIKELY(c->size + more <= room)) return 0;
    while (room < c->size + more) room += room / 2 + 1024;
    grown = (char *)realloc(c->data, room * c->width);
    if (grown == NULL) return -1;
    c->data = grown;
    c->room = room;
    return 0;
}

static inline int put64(Column *c, uint64_t value) {
    if (column_reserve(c, 1)) return -1;
    ((uint64_t *)c->data)[c->size++] = value;
    return 0;
}

static inline int put32(Column *c, uint32_t value) {
    if (column_reserve(c, 1)) return -1;
    ((uint32_t *)c->data)[c->size++] = value;
    return 0;
}

static inline int put8(Column *c, uint8_t value) {
    if (column_reserve(c, 1)) return -1;
    ((uint8_t *)c->data)[c->size++] = value;
    return 0;
}

/* -- keyed hashes: whoever writes the texts does not know the key, so can plan no collision; 64 bits, so none is met */

static inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t al = a & 0xFFFFFFFF, ah = a >> 32, bl = b & 0xFFFFFFFF, bh = b >> 32;
    uint64_t low = al * bl, one = ah * bl, two = al * bh, carry = (low >> 32) + (one & 0xFFFFFFFF) + two;
    return ((carry << 32) | (low & 0xFFFFFFFF)) ^ (ah * bh + (one >> 32) + (carry >> 32));
#endif
}

/* Length and salt go in by a product of their own: xored with characters they could be made up for by characters. */
static inline uint64_t keyed_end(uint64_t h, size_t n, uint64_t salt, const uint64_t *key) {
    h = fold_multiply(fold_multiply(h, key[2]) ^ key[1], key[3] ^ ((uint64_t)n << 8) ^ salt);
    return h ? h : 1; /* 0 marks an empty place */
}

static inline uint64_t keyed_bytes(const uint8_t *p, size_t n, uint64_t salt, const uint64_t *key) {
    uint64_t h = key[0], rest = 0;
    size_t k, left = n;
    for (; left > 8; p += 8, left -= 8) h = fold_multiply(h ^ read64(p), key[2]) + key[3];
    for (k = 0; k < left; k++) rest |= (uint64_t)p[k] << (8 * k);
    return keyed_end(h ^ rest, n, salt, key);
}

#define SMALL_LETTERS 0x2020202020202020ULL

/* The same of ASCII letters in small letters. Eight bytes can be read anywhere in p[0..n-1]. */
static inline uint64_t keyed_letters(const uint8_t *p, size_t n, const uint64_t *key) {
    uint64_t h = key[0];
    size_t left = n;
    for (; left > 8; p += 8, left -= 8) h = fold_multiply(h ^ (read64(p) | SMALL_LETTERS), key[2]) + key[3];
    return keyed_end(h ^ ((read64(p) | SMALL_LETTERS) & (~0ULL >> (64 - 8 * left))), n, 0xFF, key);
}

/* -- a table of keyed hashes with two numbers each */

typedef struct { uint64_t hash; uint32_t a, b; } Entry;
typedef struct { Entry *entry; size_t size, room; } Table;

/* Where this hash is, or where it would be put (there the entry's hash is 0). */
static inline Entry *table_find(const Table *t, uint64_t hash) {
    size_t mask = t->room - 1, slot = hash & mask;
    while (t->entry[slot].hash != hash && t->entry[slot].hash != 0) slot = (slot + 1) & mask;
    return t->entry + slot;
}

/* Puts an entry that is not there; 0, or -1 without memory. */
static int table_put(Table *t, Entry new_entry) {
    if (2 * t->size >= t->room) {
        Table grown = {NULL, t->size, t->room ? 4 * t->room : 1 << 12};
        size_t k;
        grown.entry = (Entry *)calloc(grown.room, sizeof(Entry));
        if (grown.entry == NULL) return -1;
        for (k = 0; k < t->room; k++)
            if (t->entry[k].hash) *table_find(&grown, t->entry[k].hash) = t->entry[k];
        free(t->entry);
        *t = grown;
    }
    *table_find(t, new_entry.hash) = new_entry;
    t->size++;
    return 0;
}

/* -- XXH64, seed 0 (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md) */

#define P1 0x9E3779B185EBCA87ULL
#define P2 0xC2B2AE3D27D4EB4FULL
#define P3 0x165667B19E3779F9ULL
#define P4 0x85EBCA77C2B2AE63ULL
#define P5 0x27D4EB2F165667C5ULL

static inline uint64_t xxh_round(uint64_t acc, uint64_t lane) { return rotate_left(acc + lane * P2, 31) * P1; }

static inline uint64_t xxh_lane(uint64_t h, uint64_t rounded) { return rotate_left(h ^ rounded, 27) * P1 + P4; }

static inline uint64_t xxh_finish(uint64_t h) {
    h = (h ^ (h >> 33)) * P2;
    h = (h ^ (h >> 29)) * P3;
    return h ^ (h >> 32);
}

static inline uint64_t xxh_join(const uint64_t *acc) {
    uint64_t h = rotate_left(acc[0], 1) + rotate_left(acc[1], 7) + rotate_left(acc[2], 12) + rotate_left(acc[3], 18);
    int k;
    for (k = 0; k < 4; k++) h = (h ^ xxh_round(0, acc[k])) * P1 + P4;
    return h;
}

/* Of n whole lanes, each the number that its 8 little-endian bytes make. */
static uint64_t xxh64_lanes(const uint64_t *lanes, size_t n) {
    uint64_t h = P5;
    size_t i = 0;
    if (n >= 4) {
        uint64_t acc[4] = {P1 + P2, P2, 0, 0 - P1};
        for (; i + 4 <= n; i += 4) {
            acc[0] = xxh_round(acc[0], lanes[i]);
            acc[1] = xxh_round(acc[1], lanes[i + 1]);
            acc[2] = xxh_round(acc[2], lanes[i + 2]);
            acc[3] = xxh_round(acc[3], lanes[i + 3]);
        }
        h = xxh_join(acc);
    }
    h += 8 * (uint64_t)n;
    for (; i < n; i++) h = xxh_lane(h, xxh_round(0, lanes[i]));
    return xxh_finish(h);
}

static uint64_t xxh64_bytes(const uint8_t *p, size_t n) {
    uint64_t h = P5;
    size_t i = 0;
    if (n >= 32) {
        uint64_t acc[4] = {P1 + P2, P2, 0, 0 - P1};
        int k;
        for (; i + 32 <= n; i += 32)
            for (k = 0; k < 4; k++) acc[k] = xxh_round(acc[k], read64(p + i + 8 * k));
        h = xxh_join(acc);
    }
    h += n;
    for (; i + 8 <= n; i += 8) h = xxh_lane(h, xxh_round(0, read64(p + i)));
    if (i + 4 <= n) { h = rotate_left(h ^ read32(p + i) * P1, 23) * P2 + P3; i += 4; }
    for (; i < n; i++) h = rotate_left(h ^ p[i] * P5, 11) * P1;
    return xxh_finish(h);
}
#endif
