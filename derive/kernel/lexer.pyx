# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Whole collections: texts -> numbered words and paragraphs -> sampled shingles -> pairs that share -> exact counts. Compiled.

Every function and class equals the one of the same name in reference.py (tests/test_lexer.py). What a text needs beyond
the plain case (hidden characters, entities, lines wrapped to a width) is handed to the stages written in Python. All
else is done without the interpreter's lock, so that several threads read at once.
"""

import numpy as np
from cpython.unicode cimport PyUnicode_Substring
from cython cimport view
from libc.math cimport pow
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memcpy, memset

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
        LETTER, DIGIT, SPACELESS, SPACE, BREAK, QUOTE, DRESS, SYMBOL, CONTINUED, UNSEEN, MARK
        FAST_PLAIN, FAST_LETTER, FAST_SPACE, FAST_NOT, PADDING
    ctypedef struct Tokens:
        Py_ssize_t tokens, lines, quotes, wide
        int32_t *start
        int32_t *end
        uint64_t *hash
        int32_t *line_start
        int32_t *line_end
        int32_t *quote
        uint8_t *narrow
        uint8_t fast[256]
        uint64_t key[4]
    ctypedef struct Column:
        char *data
        size_t size, room, width
    ctypedef struct Entry:
        uint64_t hash
        uint32_t a, b
    ctypedef struct Table:
        Entry *entry
        size_t size, room
    void narrow_1(const void *, Py_ssize_t, Tokens *) nogil
    void narrow_2(const void *, Py_ssize_t, Tokens *) nogil
    void narrow_4(const void *, Py_ssize_t, Tokens *) nogil
    int tokenise_1(const void *, Py_ssize_t, int, const uint16_t *, Tokens *) nogil
    int tokenise_2(const void *, Py_ssize_t, int, const uint16_t *, Tokens *) nogil
    int tokenise_4(const void *, Py_ssize_t, int, const uint16_t *, Tokens *) nogil
    int surely_latin_1(const void *, Py_ssize_t) nogil
    int surely_latin_2(const void *, Py_ssize_t) nogil
    int surely_latin_4(const void *, Py_ssize_t) nogil
    int column_reserve(Column *, size_t) nogil
    int put32(Column *, uint32_t) nogil
    int put64(Column *, uint64_t) nogil
    int put8(Column *, uint8_t) nogil
    Entry *table_find(const Table *, uint64_t) nogil
    int table_put(Table *, Entry) nogil
    uint64_t keyed_bytes(const uint8_t *, size_t, uint64_t, const uint64_t *) nogil
    uint64_t xxh64_lanes(const uint64_t *, size_t) nogil
    uint64_t xxh64_bytes(const uint8_t *, size_t) nogil
    uint64_t xxh_round(uint64_t, uint64_t) nogil
    uint64_t xxh_lane(uint64_t, uint64_t) nogil
    uint64_t xxh_finish(uint64_t) nogil
    uint64_t rotate_left(uint64_t, int) nogil
    void PREFETCH(const void *) nogil
    Py_ssize_t letters_end(const uint8_t *, Py_ssize_t) nogil
    const uint64_t P1, P4, P5

cdef extern from "Python.h":
    int PyUnicode_KIND(object)
    void *PyUnicode_DATA(object)
    Py_UCS4 PyUnicode_READ(int, void *, Py_ssize_t) noexcept nogil
    bint Py_UNICODE_ISSPACE(Py_UCS4) noexcept nogil
    bint Py_UNICODE_ISALNUM(Py_UCS4) noexcept nogil
    bint Py_UNICODE_ISUPPER(Py_UCS4) noexcept nogil
    bint Py_UNICODE_ISLOWER(Py_UCS4) noexcept nogil
    bint Py_UNICODE_ISTITLE(Py_UCS4) noexcept nogil

cdef uint64_t DENSE = <uint64_t>1 << 62  # one shingle in four

cdef enum:  # hints of a token, as in derive.lexer
    FIRST = 1
    NEEDED = 2
    BOTH_FIRST = 2  # from this bit on, a bit for each group of lines that begin with the one and have the other
    BOTH_NEEDED = 17
    GROUPS = 0x7FFF
    ANYWHERE = 0xFFFE0002U

cdef enum:  # what a paragraph is, as in reference.py
    FURNITURE = 1
    COVERED = 2
    REACHES = 4
    TITLE = 8
    SHORT = 16

cdef enum:  # marks of a word, as in reference.py
    QUOTED = 1
    BLOCKED = 2
    NAME = 4
    SENTENCE = 8

cdef enum:  # what an excluded paragraph is, beside FURNITURE and the CREDIT that `judge` tells
    REPEATED = 4

cdef enum:  # how a word begins in the text that is read: in small letters somewhere, with a capital in mid-sentence
    SMALL = 1
    CAPITAL = 2

cdef enum:
    EXCLUDED = 0x80000000U
    LONGEST = 64  # letters of a word that is folded here
    LONG_ENOUGH = 40  # characters of a repeated paragraph
    FURNITURE_PIECES = 60
    HEADLINE_AMONG = 8  # paragraphs

cdef Py_UCS4[19] OPENING
OPENING[:] = [0x201C, 0x201D, 0x201E, 0xAB, 0xBB, 0x2039, 0x203A, 0x22, 0xFF02, 0x300C, 0x300E, 0x301D, 0x300A, 0x2018, 0x201A, 0x27, 0xFF62, 0xFE41, 0xFE43]

cdef enum:  # the columns
    IDS, OFFSETS, DIGESTS, INFORMATIVE, OUTLINES, TAILS, KEYS, SIZES, FLAGS, LENGTHS, BARE, KEY_OFFSETS, COLUMNS

_COLUMNS = (
    ("ids", np.uint32), ("offsets", np.int64), ("digests", np.uint64), ("informative", np.uint32), ("outlines", np.uint64),
    ("tails", np.uint64), ("keys", np.uint64), ("sizes", np.uint32), ("flags", np.uint32), ("lengths", np.uint32),
    ("bare", np.uint32), ("key_offsets", np.int64),
)

cdef enum:  # the columns that only a lexer with places has
    STARTS, ENDS, MARKS, QUOTATIONS, QUOTATION_OFFSETS, STRANGE, DATELINES, BEGINS, KINDS, SIGNED, SPELT, PLACES

_PLACES = (
    ("starts", np.int32), ("ends", np.int32), ("marks", np.uint8), ("quotations", np.int32), ("quotation_offsets", np.int64),
    ("strange", np.uint32), ("datelines", np.int32), ("begins", np.int32), ("kinds", np.uint32), ("signed", np.int32),
    ("spelt", np.uint8),
)

# One text of a batch: where CPython keeps its characters.
cdef struct Given:
    Py_ssize_t length
    void *data
    int kind
    uint8_t title  # what the title begins with: NO_TITLE, an ASCII letter or digit in small, or ASK

cdef enum:
    NO_TITLE = 0
    ASK = 255

cdef struct Range:
    int32_t start
    int32_t end

cdef struct Keyed:
    uint64_t key
    int64_t place


cdef int _by_key(const void *x, const void *y) noexcept nogil:
    cdef const Keyed *a = <const Keyed *>x
    cdef const Keyed *b = <const Keyed *>y
    if a.key != b.key:
        return -1 if a.key < b.key else 1
    return (a.place > b.place) - (a.place < b.place)


cdef int _sure(int failed) except -1 nogil:
    """Raises where memory was wanting."""
    if failed:
        with gil:
            raise MemoryError
    return 0


cdef object _array(Column *column, dtype):
    """The column's numbers as an array that owns them; the column is empty afterwards."""
    cdef size_t bytes_ = column.size * column.width
    cdef char *data = column.data
    cdef char *fitting
    cdef view.array owner
    if bytes_ == 0:
        column.size = 0
        return np.zeros(0, dtype=dtype)
    fitting = <char *>realloc(data, bytes_)
    if fitting != NULL:
        data = fitting
    column.data = NULL
    column.size = column.room = 0
    owner = <char[:bytes_]>data
    owner.callback_free_data = free
    return np.asarray(owner).view(dtype)


cdef class _Automaton:
    """Does a small-letter word hold any of the listed pieces where they must stand? (Aho and Corasick 1975.)

    Pieces are regular words over a-z with '^' before what must stand at the beginning, '$' after what must stand at the end.
    """
    cdef int32_t *follow  # [state][28]: a-z, beginning, end
    cdef uint8_t *found

    def __cinit__(self, pieces):
        cdef Py_ssize_t room = 2 + sum([len(p) for p in pieces]), states = 1, c, head = 0, state, child
        cdef int32_t *fail = <int32_t *>calloc(room, sizeof(int32_t))
        cdef int32_t *queue = <int32_t *>calloc(room, sizeof(int32_t))
        cdef Py_ssize_t tail = 0
        self.follow = <int32_t *>calloc(room * 28, sizeof(int32_t))
        self.found = <uint8_t *>calloc(room, 1)
        if self.follow == NULL or self.found == NULL or fail == NULL or queue == NULL:
            free(fail); free(queue)
            raise MemoryError
        for piece in pieces:
            state = 0
            for letter in piece:
                c = 26 if letter == "^" else 27 if letter == "$" else ord(letter) - 97
                if self.follow[state * 28 + c] == 0:
                    self.follow[state * 28 + c] = states
                    states += 1
                state = self.follow[state * 28 + c]
            self.found[state] = 1
        for c in range(28):
            if self.follow[c]:
                queue[tail] = self.follow[c]
                tail += 1
        while head < tail:
            state = queue[head]
            head += 1
            self.found[state] |= self.found[fail[state]]
            for c in range(28):
                child = self.follow[state * 28 + c]
                if child:
                    fail[child] = self.follow[fail[state] * 28 + c]
                    queue[tail] = child
                    tail += 1
                else:
                    self.follow[state * 28 + c] = self.follow[fail[state] * 28 + c]
        free(fail); free(queue)

    def __dealloc__(self):
        free(self.follow); free(self.found)


cdef bint _holds(const int32_t *follow, const uint8_t *found, const uint8_t *word, Py_ssize_t n) noexcept nogil:
    """True if a listed piece stands in these ASCII letters."""
    cdef Py_ssize_t i
    cdef int32_t state = follow[26]
    for i in range(n):
        if found[state]:
            return True
        state = follow[state * 28 + ((word[i] | 32) - 97)]
    return found[state] or found[follow[state * 28 + 27]]


cdef class _Characters:
    """For every code point the bits of its class."""
    cdef uint16_t *classes
    cdef uint8_t fast[256]

    def __cinit__(self, rules):
        cdef Py_ssize_t c
        cdef const uint8_t[::1] given = rules.classes
        self.classes = <uint16_t *>malloc(0x110000 * sizeof(uint16_t))
        if self.classes == NULL:
            raise MemoryError
        for c in range(0x110000):
            self.classes[c] = given[c]
            if Py_UNICODE_ISSPACE(<Py_UCS4>c):
                self.classes[c] |= SPACE
            if self.classes[c] & MARK:
                self.classes[c] |= DRESS
        for bits, characters in (
            (BREAK, "\r\n\x85\u2028\u2029"), (QUOTE, rules.quotes), (SYMBOL, "%&"), (UNSEEN | DRESS, rules.unseen),
            (CONTINUED, rules.continued), (DRESS, "&-\u2010"), (DRESS, "".join(map(chr, range(0xC2, 0xF5)))),
        ):
            for c in [ord(x) for x in characters]:
                self.classes[c] |= bits
        memset(self.fast, FAST_NOT, 256)
        for c in range(128):
            if not self.classes[c] & (DIGIT | SPACELESS | SYMBOL | BREAK | QUOTE | DRESS | LETTER | MARK):
                self.fast[c] = FAST_SPACE if self.classes[c] & SPACE else FAST_PLAIN
            elif self.classes[c] == LETTER:
                self.fast[c] = FAST_LETTER

    def __dealloc__(self):
        free(self.classes)


_known_characters = {}
_known_pieces = {}


cdef class Lexer:
    """Texts -> numbered words and paragraphs. `add` some and then more, then take the columns. See `reference.Lexer`."""
    cdef object digest, meet, judge, sign_off, dateline, same_title, slow, is_latin
    cdef tuple texts, titles
    cdef _Characters characters
    cdef _Automaton touched
    cdef const uint16_t *classes
    cdef Tokens t
    cdef Py_ssize_t room
    cdef uint32_t *word
    cdef uint32_t *hint
    cdef int32_t *first
    cdef int32_t *last
    cdef int32_t *spoken  # where each quotation begins and ends
    cdef Py_ssize_t quotations
    cdef uint8_t *out
    cdef uint64_t *lanes
    cdef Py_UCS4 begins[32]  # characters other than letters with which furniture and credit lines begin
    cdef int beginnings
    cdef uint32_t digits_hint
    cdef Table known  # tokens by their characters -> word (0: none), hints
    cdef Table vocabulary  # words by their UTF-8 -> number
    cdef Table verdicts  # paragraphs by their characters -> what they are
    cdef Column column[COLUMNS]
    cdef bint places, abbreviating
    cdef Column place[PLACES]
    cdef Column brief  # of each word: a point behind it ends no sentence
    cdef Column begun  # of each word: in which text it was met last, << 2, and how it began there
    cdef Column word_hashes, stamps, mapped
    cdef uint32_t texts_stamped, texts_begun
    cdef Column phrase  # runs of: how many words follow, what they become, those words; a run ends with EXCLUDED
    cdef uint32_t *phrases_of  # of each word below `heads`: where its phrases begin, plus 1; 0: it begins none
    cdef uint32_t heads

    def __cinit__(self):
        cdef int c
        for c in range(COLUMNS):
            self.column[c].width = np.dtype(_COLUMNS[c][1]).itemsize
        self.word_hashes.width = 8
        for c in range(PLACES):
            self.place[c].width = np.dtype(_PLACES[c][1]).itemsize
        self.stamps.width = self.mapped.width = self.phrase.width = self.begun.width = 4
        self.brief.width = 1

    def __init__(self, rules, slow, places=False):
        """`rules` are the facts about characters and paragraphs (`derive.lexer.Rules`); `slow` lexes a text the long way.

        With `places` it also says where each word stands and what it is; a text that needs the long way is left empty.
        """
        cdef uint64_t seed = rules.seed
        cdef Entry nothing
        cdef int k
        self.digest, self.meet, self.judge = rules.digest, rules.meet, rules.judge
        self.sign_off, self.dateline, self.same_title = rules.sign_off, rules.dateline, rules.same_title
        self.is_latin, self.slow = rules.is_latin, slow
        if rules.classes not in _known_characters:
            _known_characters[rules.classes] = _Characters(rules)
        if rules.pieces not in _known_pieces:
            _known_pieces[rules.pieces] = _Automaton(rules.pieces)
        self.characters, self.touched = _known_characters[rules.classes], _known_pieces[rules.pieces]
        self.classes = self.characters.classes
        memcpy(self.t.fast, self.characters.fast, 256)
        for k in range(4):
            seed += 0x9E3779B97F4A7C15ULL
            self.t.key[k] = xxh_finish(seed) | 1
        for character in sorted(rules.starts):
            self.begins[self.beginnings] = ord(character)
            self.beginnings += 1
        nothing.hash, nothing.a, nothing.b = 1, 0, 0
        _sure(table_put(&self.known, nothing) or table_put(&self.vocabulary, nothing) or table_put(&self.verdicts, nothing))
        _sure(put64(&self.column[DIGESTS], 0) or put64(&self.word_hashes, 0) or put32(&self.stamps, 0))
        _sure(put64(&self.column[OFFSETS], 0) or put64(&self.column[KEY_OFFSETS], 0))
        self.places = places
        if places:
            _sure(put64(&self.place[QUOTATION_OFFSETS], 0) or put8(&self.place[SPELT], 10))
            _sure(put8(&self.brief, 0) or put32(&self.begun, 0))
            self.abbreviating = True
            for word in sorted(rules.abbreviations):
                self.number(word)
            self.abbreviating = False
        self.digits_hint = self.meet("0", True)[2]
        self._know_phrases(rules.phrases)

    def _know_phrases(self, phrases):
        heads = {self.number(head): tails for head, tails in phrases.items()}
        self.heads = max(heads, default=0) + 1
        self.phrases_of = <uint32_t *>calloc(self.heads, sizeof(uint32_t))
        _sure(self.phrases_of == NULL)
        for head, tails in heads.items():
            self.phrases_of[<Py_ssize_t>head] = self.phrase.size + 1
            for tail, replacement in tails:
                for n in (len(tail), self.number(replacement), *map(self.number, tail)):
                    _sure(put32(&self.phrase, n))
            _sure(put32(&self.phrase, EXCLUDED))

    def __dealloc__(self):
        cdef int c
        for c in range(COLUMNS):
            free(self.column[c].data)
        for c in range(PLACES):
            free(self.place[c].data)
        free(self.brief.data); free(self.begun.data)
        free(self.word_hashes.data); free(self.stamps.data); free(self.mapped.data); free(self.phrase.data)
        free(self.known.entry); free(self.vocabulary.entry); free(self.verdicts.entry); free(self.phrases_of)
        free(self.t.start); free(self.t.end); free(self.t.hash); free(self.t.line_start); free(self.t.line_end)
        free(self.t.quote); free(self.spoken); free(self.t.narrow)
        free(self.word); free(self.hint); free(self.first); free(self.last); free(self.out); free(self.lanes)

    def __len__(self):
        return self.column[OFFSETS].size - 1

    def columns(self):
        """What was found, one array a column (see `reference.Lexer.columns`). The lexer is of no use afterwards."""
        found = {name: _array(&self.column[c], dtype) for c, (name, dtype) in enumerate(_COLUMNS)}
        if self.places:
            found |= {name: _array(&self.place[c], dtype) for c, (name, dtype) in enumerate(_PLACES)}
        return found

    # -- words and their numbers

    def number(self, str word):
        """The number of a folded word, from 1."""
        return self._number(word, self.digest(word))

    cdef uint32_t _number(self, str word, uint64_t digest) except? 0:
        cdef bytes spelt = word.encode("utf-8", "surrogatepass")
        return self._number_of(spelt, len(spelt), digest)

    cdef uint32_t _number_of(self, const uint8_t *spelt, Py_ssize_t n, uint64_t digest) except? 0 nogil:
        """The number of the word of these bytes; a digest of 0 is yet to be made."""
        cdef uint64_t hash_ = keyed_bytes(spelt, n, 0, self.t.key)
        cdef Entry *entry = table_find(&self.vocabulary, hash_)
        if entry.hash:
            return entry.a
        if self.places:
            self._spell(spelt, n)
        return self._new_number(hash_, digest if digest else xxh64_bytes(spelt, n))

    cdef int _spell(self, const uint8_t *spelt, Py_ssize_t n) except -1 nogil:
        """Writes down a new word, and whether it ends no sentence."""
        cdef Column *lines = &self.place[SPELT]
        cdef Py_ssize_t k, letters = 0
        _sure(column_reserve(lines, n + 1))
        memcpy(lines.data + lines.size, spelt, n)
        lines.size += n
        for k in range(n):
            letters += (spelt[k] & 0xC0) != 0x80
        return _sure(put8(lines, 10) or put8(&self.brief, letters == 1 or self.abbreviating) or put32(&self.begun, 0))

    cdef uint32_t _new_number(self, uint64_t hash_, uint64_t digest) except? 0 nogil:
        cdef Entry entry
        if self.word_hashes.size >= EXCLUDED:
            with gil:
                raise OverflowError("more than two thousand million different words")
        entry.hash, entry.a, entry.b = hash_, <uint32_t>self.word_hashes.size, 0
        _sure(table_put(&self.vocabulary, entry))
        _sure(put64(&self.word_hashes, hash_) or put64(&self.column[DIGESTS], digest) or put32(&self.stamps, 0))
        return entry.a

    def take(self, Lexer other):
        """Moves all that `other` has read behind what is here; `other` may go on reading."""
        cdef Py_ssize_t k
        cdef uint64_t base
        cdef uint32_t *map_
        cdef uint32_t *target
        cdef const uint32_t *source
        cdef Entry *entry
        cdef Column *mine
        cdef Column *theirs
        cdef int c
        if self.places or other.places:
            raise ValueError("a lexer with places takes nothing over")
        with nogil:
            for k in range(other.mapped.size, other.word_hashes.size):
                if k == 0:
                    _sure(put32(&other.mapped, 0))
                    continue
                entry = table_find(&self.vocabulary, (<uint64_t *>other.word_hashes.data)[k])
                _sure(put32(&other.mapped, entry.a if entry.hash else self._new_number(
                    (<uint64_t *>other.word_hashes.data)[k], (<uint64_t *>other.column[DIGESTS].data)[k]
                )))
            map_ = <uint32_t *>other.mapped.data
            for c in range(COLUMNS):
                mine, theirs = &self.column[c], &other.column[c]
                if c == DIGESTS:
                    continue
                _sure(column_reserve(mine, theirs.size))
                if c == IDS:
                    source, target = <const uint32_t *>theirs.data, <uint32_t *>mine.data + mine.size
                    for k in range(theirs.size):
                        target[k] = map_[source[k] & ~<uint32_t>EXCLUDED] | (source[k] & EXCLUDED)
                elif c == OFFSETS or c == KEY_OFFSETS:
                    base = (<uint64_t *>mine.data)[mine.size - 1]
                    for k in range(1, theirs.size):
                        (<uint64_t *>mine.data)[mine.size + k - 1] = base + (<uint64_t *>theirs.data)[k]
                    mine.size += theirs.size - 1
                    theirs.size = 1
                    continue
                elif theirs.size:
                    memcpy(mine.data + mine.size * mine.width, theirs.data, theirs.size * mine.width)
                mine.size += theirs.size
                theirs.size = 0

    # -- one text after the other

    def add(self, texts, titles=None):
        """Lexes these texts; `titles`, one a text or None, may show which paragraph is the headline."""
        cdef Py_ssize_t n, k
        cdef Given *given
        cdef object title
        self.texts = tuple(texts)
        self.titles = (None,) * len(self.texts) if titles is None else tuple(titles)
        n = len(self.texts)
        if len(self.titles) != n:
            raise ValueError("a title, or None, for each text")
        given = <Given *>malloc((n + 1) * sizeof(Given))
        _sure(given == NULL)
        try:
            for k in range(n):
                if not isinstance(self.texts[k], str):
                    raise TypeError(f"a text, not {type(self.texts[k]).__name__}")
                given[k].length = len(<str>self.texts[k])
                given[k].kind = PyUnicode_KIND(self.texts[k])
                given[k].data = PyUnicode_DATA(self.texts[k])
                title = self.titles[k]
                given[k].title = NO_TITLE
                if title:
                    given[k].title = _bare_beginning(PyUnicode_KIND(title), PyUnicode_DATA(title), 0, len(<str?>title))
            with nogil:
                for k in range(n):
                    self._text(&given[k], k)
        finally:
            free(given)
            self.texts = self.titles = None

    cdef int _text(self, const Given *g, Py_ssize_t k) except -1 nogil:
        cdef bint strange, latin = True
        if g.length > 0x7FFFFFF0:
            return self._the_long_way(k)
        self._make_room(g.length + 1)
        if g.kind == 1:
            narrow_1(g.data, g.length, &self.t)
        elif g.kind == 2:
            narrow_2(g.data, g.length, &self.t)
        else:
            narrow_4(g.data, g.length, &self.t)
        if self.t.wide:
            if g.kind == 1:
                latin = surely_latin_1(g.data, g.length)
            elif g.kind == 2:
                latin = surely_latin_2(g.data, g.length)
            else:
                latin = surely_latin_4(g.data, g.length)
            if not latin:
                with gil:
                    latin = self.is_latin(self.texts[k])
        if g.kind == 1:
            strange = tokenise_1(g.data, g.length, latin, self.classes, &self.t)
        elif g.kind == 2:
            strange = tokenise_2(g.data, g.length, latin, self.classes, &self.t)
        else:
            strange = tokenise_4(g.data, g.length, latin, self.classes, &self.t)
        if strange or (self.t.lines >= 4 and self._may_be_wrapped()) or self._begins_otherwise(g) or self._quotations(g) < 0:
            return self._the_long_way(k)
        self._look_up(g, k, latin)
        self._mark(g, k)
        return 0

    cdef int _make_room(self, Py_ssize_t n) except -1 nogil:
        cdef bint failed
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
        self.spoken = <int32_t *>realloc(self.spoken, n * 8)
        self.t.narrow = <uint8_t *>realloc(self.t.narrow, n + PADDING)
        self.word = <uint32_t *>realloc(self.word, n * 4)
        self.hint = <uint32_t *>realloc(self.hint, n * 4)
        self.first = <int32_t *>realloc(self.first, n * 4)
        self.last = <int32_t *>realloc(self.last, n * 4)
        self.out = <uint8_t *>realloc(self.out, n)
        self.lanes = <uint64_t *>realloc(self.lanes, n * 8)
        failed = (
            self.t.start == NULL or self.t.end == NULL or self.t.hash == NULL or self.t.line_start == NULL
            or self.t.line_end == NULL or self.t.quote == NULL or self.spoken == NULL or self.t.narrow == NULL or self.word == NULL
            or self.hint == NULL or self.first == NULL or self.last == NULL or self.out == NULL or self.lanes == NULL
        )
        _sure(failed)
        self.room = n
        return 0

    cdef bint _may_be_wrapped(self) noexcept nogil:
        """False if some line is longer than any text wrapped to a width has."""
        cdef Py_ssize_t i
        for i in range(self.t.lines):
            if self.t.line_end[i] - self.t.line_start[i] > 120:
                return False
        return True

    cdef int _the_long_way(self, Py_ssize_t k) except -1 nogil:
        if self.places:
            self._end_places(True, -1, -1)
            return self._end_text(self.column[KEYS].size, 0, 1)
        with gil:
            self.append(self.slow(self.texts[k], self.titles[k]))
        return 0

    def append(self, lexed):
        """The columns of a text that was lexed already (`derive.lexer.Lexed`)."""
        cdef Column *column = self.column
        cdef Py_ssize_t first_key = column[KEYS].size
        for word, shut in zip(lexed.words, lexed.out, strict=True):
            _sure(put32(&column[IDS], <uint32_t>self.number(word) | (<uint32_t>EXCLUDED if shut else 0)))
        for key, size, flags, length, bare in zip(
            lexed.keys, lexed.sizes, lexed.flags, lexed.lengths, lexed.bare, strict=True
        ):
            _sure(put64(&column[KEYS], key) or put32(&column[SIZES], size) or put32(&column[FLAGS], flags))
            _sure(put32(&column[LENGTHS], length) or put32(&column[BARE], bare))
        self._end_text(first_key, lexed.tail, lexed.informative)

    cdef int _end_text(self, Py_ssize_t first_key, uint64_t tail, uint32_t informative) except -1 nogil:
        cdef Column *column = self.column
        cdef const uint64_t *keys = <const uint64_t *>column[KEYS].data
        cdef uint64_t outline = xxh64_lanes(keys + first_key if keys != NULL else NULL, column[KEYS].size - first_key)
        _sure(put64(&column[OFFSETS], column[IDS].size) or put64(&column[KEY_OFFSETS], column[KEYS].size))
        _sure(put64(&column[OUTLINES], outline) or put64(&column[TAILS], tail) or put32(&column[INFORMATIVE], informative))
        return 0

    # -- tokens to words

    cdef int _look_up(self, const Given *g, Py_ssize_t k, bint latin) except -1 nogil:
        """Tokens to words; phrases joined. Leaves word, hint, and the tokens `first` to `last` of each."""
        cdef Py_ssize_t i, count = 0, n = self.t.tokens
        cdef const uint64_t *hashes = self.t.hash
        cdef Entry *entry
        cdef size_t mask
        cdef bint phrases = False
        for i in range(n):
            mask = self.known.room - 1
            if i + 12 < n:
                PREFETCH(&self.known.entry[hashes[i + 12] & mask])
            entry = table_find(&self.known, hashes[i])
            if entry.hash == 0:
                self._learn(g, k, i, latin)
                entry = table_find(&self.known, hashes[i])
            self.word[count] = entry.a
            self.hint[count] = entry.b
            self.first[count] = i
            self.last[count] = i
            phrases |= entry.a < self.heads and self.phrases_of[entry.a] != 0
            count += entry.a != 0
        if phrases:
            count = self._join_phrases(count)
        self.t.tokens = count  # from here on words; their characters are start[first] to end[last]
        return 0

    cdef int _learn(self, const Given *g, Py_ssize_t k, Py_ssize_t i, bint latin) except -1 nogil:
        """A token never seen before. Plain letters, with apostrophes or not, and plain digits need no Python."""
        cdef uint8_t small[LONGEST]
        cdef Py_ssize_t n = self.t.end[i] - self.t.start[i], j, kept = 0
        cdef bint letters = n <= LONGEST, digits = n <= LONGEST
        cdef Py_UCS4 c
        cdef Entry entry
        entry.hash = self.t.hash[i]
        for j in range(self.t.start[i], self.t.start[i] + min(n, LONGEST)):
            c = PyUnicode_READ(g.kind, g.data, j)
            digits = digits and c >= 48 and c <= 57
            if c == u"'" or c == 0x2019:
                continue
            letters = letters and c < 128 and (<uint32_t>c | 32) >= 97 and (<uint32_t>c | 32) <= 122
            small[kept] = <uint8_t>((<uint32_t>c & 0xFF) | (0 if digits else 32))
            kept += 1
        if digits:
            entry.a, entry.b = self._number_of(small, n, 0), self.digits_hint
        elif letters and not _holds(self.touched.follow, self.touched.found, small, kept):
            entry.a, entry.b = self._number_of(small, kept, 0), 0
        else:
            with gil:
                raw = PyUnicode_Substring(self.texts[k], self.t.start[i], self.t.end[i])
                if raw.isascii() and raw.isalpha():  # the same in any case
                    raw = raw.lower()
                word, digest, hints = self.meet(raw, latin)
                entry.a, entry.b = self._number(word, digest) if word else 0, hints
        return _sure(table_put(&self.known, entry))

    cdef Py_ssize_t _join_phrases(self, Py_ssize_t count) noexcept nogil:
        cdef const uint32_t *phrase = <const uint32_t *>self.phrase.data
        cdef Py_ssize_t i = 0, kept = 0, j, length, at
        while i < count:
            self.first[kept], self.last[kept] = self.first[i], self.last[i]
            self.hint[kept], self.word[kept] = self.hint[i], self.word[i]
            length = 0
            if self.word[i] < self.heads and self.phrases_of[self.word[i]]:
                at = self.phrases_of[self.word[i]] - 1
                while phrase[at] != EXCLUDED:
                    length = phrase[at]
                    j = 0
                    while j < length and i + 1 + j < count and self.word[i + 1 + j] == phrase[at + 2 + j]:
                        j += 1
                    if j == length:
                        break
                    at += 2 + length
                    length = 0
                if length:
                    self.word[kept] = phrase[at + 1]
                    for j in range(1, length + 1):
                        self.hint[kept] |= self.hint[i + j] & <uint32_t>ANYWHERE
                    self.last[kept] = self.last[i + length]
            kept += 1
            i += length + 1
        return kept

    # -- which words are excluded, and what the paragraphs are

    cdef int _mark(self, const Given *g, Py_ssize_t k) except -1 nogil:
        """Writes the columns of this text."""
        cdef Py_ssize_t lines = self.t.lines, words = self.t.tokens, i, w
        cdef Py_ssize_t first_key = self.column[KEYS].size
        cdef const uint64_t *digest = <const uint64_t *>self.column[DIGESTS].data
        cdef uint32_t *ids
        cdef uint64_t tail = 0
        cdef int32_t dated = -1, dateline = -1
        cdef Range *blocks = <Range *>malloc((lines + 1) * sizeof(Range))
        _sure(blocks == NULL)
        try:
            memset(self.out, 0, words)
            for w in range(words):
                self.lanes[w] = digest[self.word[w]]
            for i in range(KEYS, BARE + 1):  # those of paragraphs
                _sure(column_reserve(&self.column[i], lines))
                self.column[i].size += lines
            if self.places:
                for i in range(BEGINS, SIGNED + 1):
                    _sure(column_reserve(&self.place[i], lines))
                    self.place[i].size += lines
            self._paragraphs(g, k, blocks, first_key)
            self._repeats(blocks, first_key)
            for i in range(min(lines, 6)):
                if self._may_have_dateline(g, self.t.line_start[i], self.t.line_end[i]):
                    w = self._ask(self.dateline, k, i)
                    if w >= 0:
                        self._exclude(self.t.line_start[i], w, blocks[i])
                        dated, dateline = self.t.line_start[i], w
                        break
            self._mark_quotations()
            for i in range(lines):
                if self._is_covered(blocks[i]):
                    (<uint32_t *>self.column[FLAGS].data)[first_key + i] |= COVERED
            if lines and blocks[lines - 1].end - blocks[lines - 1].start > 8:
                tail = xxh64_lanes(self.lanes + blocks[lines - 1].end - 8, 8)
        finally:
            free(blocks)
        _sure(column_reserve(&self.column[IDS], words))
        ids = <uint32_t *>self.column[IDS].data + self.column[IDS].size
        for w in range(words):
            ids[w] = self.word[w] | <uint32_t>(self.out[w] != 0) << 31
        self.column[IDS].size += words
        if self.places:
            self._place(g)
            self._end_places(False, dated, dateline)
        return self._end_text(first_key, tail, self._is_informative(words))

    # -- where each word stands, in which sentence, and whether it is a name

    cdef int _place(self, const Given *g) except -1 nogil:
        """Writes starts, ends and marks of this text's words (`prepare.prepare`)."""
        cdef Py_ssize_t words = self.t.tokens, w, capitals = 0
        cdef int32_t *start
        cdef int32_t *end
        cdef uint8_t *mark
        cdef uint32_t *begun = <uint32_t *>self.begun.data
        cdef uint32_t own
        cdef Py_UCS4 c
        cdef bint first
        for w in range(STARTS, MARKS + 1):
            _sure(column_reserve(&self.place[w], words))
        start = <int32_t *>self.place[STARTS].data + self.place[STARTS].size
        end = <int32_t *>self.place[ENDS].data + self.place[ENDS].size
        mark = <uint8_t *>self.place[MARKS].data + self.place[MARKS].size
        self.texts_begun += 1
        if self.texts_begun == 1 << 30:
            memset(begun, 0, self.begun.size * 4)
            self.texts_begun = 1
        for w in range(words):
            start[w], end[w], mark[w] = self.t.start[self.first[w]], self.t.end[self.last[w]], self.out[w]
            first = self._is_first(g, w, start, end, mark)
            c = PyUnicode_READ(g.kind, g.data, start[w])
            own = begun[self.word[w]]
            if own >> 2 != self.texts_begun:
                own = self.texts_begun << 2
            if Py_UNICODE_ISUPPER(c) or Py_UNICODE_ISTITLE(c):
                capitals += 1
                mark[w] |= NAME  # if it has no capital but for its place, it is none
                own |= 0 if first else CAPITAL
            elif Py_UNICODE_ISLOWER(c):
                own |= SMALL
            begun[self.word[w]] = own
        for w in range(words):
            if mark[w] & NAME and (capitals > 0.6 * words or begun[self.word[w]] & 3 != CAPITAL):
                mark[w] ^= NAME
        for w in range(STARTS, MARKS + 1):
            self.place[w].size += words
        return 0

    cdef bint _is_first(
        self, const Given *g, Py_ssize_t w, const int32_t *start, const int32_t *end, uint8_t *mark
    ) noexcept nogil:
        """True where a capital says nothing: a sentence begins, which is marked, or a quotation (`reference.sentences`)."""
        cdef Py_ssize_t k
        cdef Py_UCS4 ends = 0, c
        cdef bint line = False
        if w == 0:
            mark[0] |= SENTENCE
            return True
        for k in range(end[w - 1], start[w]):
            c = PyUnicode_READ(g.kind, g.data, k)
            if ends == 0 and _ends_sentence(c):
                ends = c
            line |= c == u"\n"
        if ends:
            if ends == u"." and not line and (<uint8_t *>self.brief.data)[self.word[w - 1]]:
                return False
            mark[w] |= SENTENCE
            return True
        k = start[w] - 1
        while k >= end[w - 1] and Py_UNICODE_ISSPACE(PyUnicode_READ(g.kind, g.data, k)):
            k -= 1
        return k >= end[w - 1] and _opens_quotation(PyUnicode_READ(g.kind, g.data, k))

    cdef int _end_places(self, bint strange, int32_t dated, int32_t dateline) except -1 nogil:
        cdef Column *place = self.place
        _sure(put32(&place[STRANGE], strange) or put64(&place[QUOTATION_OFFSETS], place[QUOTATIONS].size))
        return _sure(put32(&place[DATELINES], <uint32_t>dated) or put32(&place[DATELINES], <uint32_t>dateline))

    cdef int _paragraphs(self, const Given *g, Py_ssize_t k, Range *blocks, Py_ssize_t first_key) except -1 nogil:
        """What each paragraph is by itself: key, size, furniture or credit line, sign-off, headline perhaps."""
        cdef Py_ssize_t i, low, high = 0, words = self.t.tokens, bare, end, at, signed
        cdef uint32_t needed, flags
        cdef int verdict
        cdef Py_UCS4 c
        for i in range(self.t.lines):
            bare, end = self.t.line_start[i], self.t.line_end[i]
            low = high
            needed = 0
            while high < words and self.t.start[self.first[high]] < end:
                needed |= self.hint[high]
                high += 1
            blocks[i].start, blocks[i].end = low, high
            flags = REACHES if low and self.t.end[self.last[low - 1]] > bare else 0
            while Py_UNICODE_ISSPACE(PyUnicode_READ(g.kind, g.data, bare)):
                bare += 1
            while Py_UNICODE_ISSPACE(PyUnicode_READ(g.kind, g.data, end - 1)):
                end -= 1
            signed = -1
            verdict = self._judge(g, k, i, self._begins(g, bare, low, high), needed)
            if verdict:
                flags |= verdict & FURNITURE
                self._exclude_paragraph(blocks[i], flags)
            if not verdict & 2:
                c = PyUnicode_READ(g.kind, g.data, end - 1)
                if (c == u")" or c == u"]") and self._may_sign_off(g, bare, end):
                    at = self._ask(self.sign_off, k, i)
                    if at >= 0:
                        self._exclude(at, self.t.line_end[i], blocks[i])
                        signed = at
            if i < HEADLINE_AMONG:
                flags |= self._headline(g, k, bare, end)
            (<uint64_t *>self.column[KEYS].data)[first_key + i] = xxh64_lanes(self.lanes + low, high - low) if high > low else 0
            (<uint32_t *>self.column[SIZES].data)[first_key + i] = high - low
            (<uint32_t *>self.column[FLAGS].data)[first_key + i] = flags
            (<uint32_t *>self.column[LENGTHS].data)[first_key + i] = self.t.line_end[i] - self.t.line_start[i]
            (<uint32_t *>self.column[BARE].data)[first_key + i] = end - bare
            if self.places:
                (<int32_t *>self.place[BEGINS].data)[first_key + i] = self.t.line_start[i]
                (<uint32_t *>self.place[KINDS].data)[first_key + i] = verdict
                (<int32_t *>self.place[SIGNED].data)[first_key + i] = signed
        return 0

    cdef uint32_t _begins(self, const Given *g, Py_ssize_t bare, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
        """What the beginning of a paragraph says of it (hints)."""
        cdef Py_UCS4 c
        cdef int j
        if high > low and self.t.start[self.first[low]] == bare:
            return self.hint[low]
        c = PyUnicode_READ(g.kind, g.data, bare)
        for j in range(self.beginnings):
            if self.begins[j] == c:
                return FIRST
        return 0

    cdef int _judge(self, const Given *g, Py_ssize_t k, Py_ssize_t i, uint32_t begins, uint32_t needed) except -1 nogil:
        """What a paragraph is: asked only where its words allow it to be anything, and once for the same characters."""
        cdef Py_ssize_t start = self.t.line_start[i], end = self.t.line_end[i]
        cdef Entry entry
        if not (begins & FIRST or needed & NEEDED or begins >> BOTH_FIRST & needed >> BOTH_NEEDED & GROUPS):
            return 0
        if _pieces(&self.t, g, start, end, FURNITURE_PIECES) > FURNITURE_PIECES:
            return 0
        entry.hash = keyed_bytes(<const uint8_t *>g.data + start * g.kind, (end - start) * g.kind, g.kind, self.t.key)
        entry.a = table_find(&self.verdicts, entry.hash).a
        if table_find(&self.verdicts, entry.hash).hash == 0:
            with gil:
                entry.a, entry.b = self.judge(PyUnicode_Substring(self.texts[k], start, end)), 0
            if self.verdicts.size > 1_000_000:
                memset(self.verdicts.entry, 0, self.verdicts.room * sizeof(Entry))
                self.verdicts.size = 0
            _sure(table_put(&self.verdicts, entry))
        return entry.a

    cdef Py_ssize_t _ask(self, object rule, Py_ssize_t k, Py_ssize_t i) except -2 nogil:
        """Where the rule says that something begins or ends in a paragraph; -1 if nowhere."""
        with gil:
            return rule(self.texts[k], self.t.line_start[i], self.t.line_end[i])

    cdef uint32_t _headline(self, const Given *g, Py_ssize_t k, Py_ssize_t start, Py_ssize_t end) except? 0 nogil:
        """TITLE for a paragraph that has the title's words, SHORT for one that may be a headline (clean.may_be_headline)."""
        cdef uint32_t flags = 0
        cdef uint8_t begins
        cdef Py_UCS4 c = PyUnicode_READ(g.kind, g.data, end - 1), before
        cdef Py_ssize_t pieces, j
        if g.title != NO_TITLE:
            begins = _bare_beginning(g.kind, g.data, start, end)
            if begins == g.title or begins == ASK or g.title == ASK:
                with gil:
                    if self.same_title(PyUnicode_Substring(self.texts[k], start, end), self.titles[k]):
                        flags = TITLE
        before = PyUnicode_READ(g.kind, g.data, end - 2) if end - start >= 2 else 0
        if c == u"." or c == 0x3002 or c == 0x2026 or (before == u"." and (c == u'"' or c == 0x201D or c == 0x2019 or c == 0xBB)):
            return flags
        pieces = _pieces(&self.t, g, start, end, 25)
        if pieces > 25:
            return flags
        if pieces > 1:
            for j in range(start, end):
                if PyUnicode_READ(g.kind, g.data, j) == u" ":
                    return flags | SHORT
        return flags | (SHORT if end - start <= 40 else 0)

    cdef int _repeats(self, const Range *blocks, Py_ssize_t first_key) except -1 nogil:
        """Paragraphs told twice."""
        cdef Py_ssize_t i, count = 0
        cdef uint32_t *flags = <uint32_t *>self.column[FLAGS].data + first_key
        cdef Keyed *long_ = <Keyed *>malloc((self.t.lines + 1) * sizeof(Keyed))
        _sure(long_ == NULL)
        for i in range(self.t.lines):
            if blocks[i].end - blocks[i].start >= 8 and self.t.line_end[i] - self.t.line_start[i] >= LONG_ENOUGH:
                long_[count].key, long_[count].place = (<uint64_t *>self.column[KEYS].data)[first_key + i], i
                count += 1
        qsort(long_, count, sizeof(Keyed), _by_key)
        for i in range(1, count):
            if long_[i].key == long_[i - 1].key:
                self._exclude_paragraph(blocks[long_[i].place], flags[long_[i].place])
                if self.places:
                    (<uint32_t *>self.place[KINDS].data)[first_key + long_[i].place] |= REPEATED
        free(long_)
        return 0

    cdef void _exclude_paragraph(self, Range block, uint32_t flags) noexcept nogil:
        cdef Py_ssize_t low = block.start - (1 if flags & REACHES else 0)
        memset(self.out + low, BLOCKED, block.end - low)

    cdef void _exclude(self, Py_ssize_t start, Py_ssize_t end, Range block) noexcept nogil:
        """Marks the words of a paragraph, and the one before, that lie, wholly or in part, in the characters start..end."""
        cdef Py_ssize_t w
        for w in range(block.start - 1 if block.start else 0, block.end):
            if self.t.start[self.first[w]] < end and self.t.end[self.last[w]] > start:
                self.out[w] = BLOCKED

    cdef bint _is_covered(self, Range block) noexcept nogil:
        cdef Py_ssize_t w
        for w in range(block.start, block.end):
            if not self.out[w]:
                return False
        return True

    cdef uint32_t _is_informative(self, Py_ssize_t words) noexcept nogil:
        """0 if there are too few words for the text's length: one of them repeated."""
        cdef uint32_t *stamp = <uint32_t *>self.stamps.data
        cdef Py_ssize_t w, distinct = 0
        cdef double enough = 0.1 * pow(<double>words, 0.8)
        if words < 50:
            return 1
        self.texts_stamped += 1
        if self.texts_stamped == 0:
            memset(stamp, 0, self.stamps.size * 4)
            self.texts_stamped = 1
        for w in range(words):
            if stamp[self.word[w]] != self.texts_stamped:
                stamp[self.word[w]] = self.texts_stamped
                distinct += 1
                if distinct >= enough:
                    return 1
        return 0

    cdef bint _may_sign_off(self, const Given *g, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
        """A bracket before a capital among the last characters."""
        cdef Py_ssize_t j
        cdef Py_UCS4 c
        for j in range(max(start, end - 40), end - 1):
            c = PyUnicode_READ(g.kind, g.data, j)
            if c == u"(" or c == u"[":
                c = PyUnicode_READ(g.kind, g.data, j + 1)
                if c >= u"A" and c <= u"Z":
                    return True
        return False

    cdef bint _may_have_dateline(self, const Given *g, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
        cdef Py_ssize_t limit = min(end, start + 120), j = start
        cdef Py_UCS4 c
        if end - start <= 40:
            return False
        while j < limit and Py_UNICODE_ISSPACE(PyUnicode_READ(g.kind, g.data, j)):
            j += 1
        if j + 1 < limit and PyUnicode_READ(g.kind, g.data, j) >= u"A" and PyUnicode_READ(g.kind, g.data, j) <= u"Z":
            c = PyUnicode_READ(g.kind, g.data, j + 1)
            if (c >= u"A" and c <= u"Z") or c == u"'" or c == 0x2019 or c == u"." or c == u"-":
                return True
        for j in range(start, limit):
            if PyUnicode_READ(g.kind, g.data, j) == u"(":
                return True
        return False

    # -- quotations: clean._quotations_in, from mark to mark. Direct speech that is marked otherwise goes the long way.

    cdef bint _begins_otherwise(self, const Given *g) noexcept nogil:
        """True if some paragraph begins with a dash or an angle."""
        cdef Py_ssize_t i, k
        cdef Py_UCS4 c
        for i in range(self.t.lines):
            k = self.t.line_start[i]
            c = PyUnicode_READ(g.kind, g.data, k)
            while k + 1 < self.t.line_end[i] and (c == u" " or c == u"\t"):
                k += 1
                c = PyUnicode_READ(g.kind, g.data, k)
            if c == u">" or 0x2013 <= c <= 0x2015:
                return True
        return False

    cdef int _quotations(self, const Given *g) noexcept nogil:
        """Leaves where each begins and ends in `spoken`; -1 if one may be closed in another paragraph, or is typed oddly."""
        cdef Py_ssize_t q, i = 0, at = 0, end, line = -1
        cdef uint32_t unclosed = 0
        self.quotations = 0
        for q in range(self.t.quotes):
            while i < self.t.lines and self.t.line_end[i] <= self.t.quote[q]:
                i += 1
            if i >= self.t.lines:
                break
            if i != line:
                line = i
                unclosed = 0
                at = self.t.line_start[i]
            if q and self.t.quote[q - 1] == self.t.quote[q] - 1 and self._is(g, q, u"'") and self._is(g, q - 1, u"'"):
                return -1
            if self.t.quote[q] < at:
                continue
            end = self._closing(g, q, self.t.line_end[i], &unclosed)
            if end < 0:
                continue
            if end == self.t.line_end[i] and i + 1 < self.t.lines and self._may_go_on(g, q, end):
                return -1
            at = end
            self.spoken[2 * self.quotations] = self.t.quote[q]
            self.spoken[2 * self.quotations + 1] = <int32_t>end
            self.quotations += 1
        return 0

    cdef bint _is(self, const Given *g, Py_ssize_t q, Py_UCS4 mark) noexcept nogil:
        return PyUnicode_READ(g.kind, g.data, self.t.quote[q]) == mark

    cdef bint _may_go_on(self, const Given *g, Py_ssize_t q, Py_ssize_t limit) noexcept nogil:
        """Whether a quotation that its paragraph may leave open is not simply opened again in a later one."""
        cdef Py_UCS4 mark = PyUnicode_READ(g.kind, g.data, self.t.quote[q]), c
        cdef Py_ssize_t j, i
        for j in range(q + 1, self.t.quotes):
            i = self.t.quote[j]
            c = PyUnicode_READ(g.kind, g.data, i)
            if i >= limit and (c == mark or _closes(mark, c)):
                return c != mark or mark == u'"'
        return False

    cdef int _mark_quotations(self) except -1 nogil:
        cdef Py_ssize_t k, w = 0
        for k in range(self.quotations):
            if self.places:
                _sure(put32(&self.place[QUOTATIONS], self.spoken[2 * k]) or put32(&self.place[QUOTATIONS], self.spoken[2 * k + 1]))
            while w < self.t.tokens and self.t.end[self.last[w]] <= self.spoken[2 * k]:
                w += 1
            while w < self.t.tokens and self.t.start[self.first[w]] < self.spoken[2 * k + 1]:
                self.out[w] |= QUOTED
                w += 1
            w -= w > 0  # the last may reach into the next quotation
        return 0

    cdef Py_ssize_t _closing(self, const Given *g, Py_ssize_t q, Py_ssize_t limit, uint32_t *unclosed) noexcept nogil:
        """Where the quotation that opens at mark q ends; -1 if that mark opens none."""
        cdef Py_ssize_t start = self.t.quote[q], i, j
        cdef Py_UCS4 mark = PyUnicode_READ(g.kind, g.data, start), before, after
        cdef uint32_t bit = _bit_of(mark)
        cdef bint right = mark == 0x201D or mark == 0xBB or mark == 0x203A, straight = mark == u'"'
        if bit == 0:
            return -1
        before = PyUnicode_READ(g.kind, g.data, start - 1) if start else u" "
        after = PyUnicode_READ(g.kind, g.data, start + 1) if start + 1 < limit else u" "
        if unclosed[0] & bit or (straight and _only_closes(before, after)):
            return limit if straight and _only_opens(before, after) else -1
        if mark == u"'" or mark == 0x2018 or mark == 0x201A:
            return self._closing_single(g, q, limit, mark, bit, unclosed) if _opens(before, after) else -1
        if right and not _opens(before, after):
            return -1
        for j in range(q + 1, self.t.quotes):
            i = self.t.quote[j]
            if i >= limit:
                break
            if _closes(mark, PyUnicode_READ(g.kind, g.data, i)) and not (
                straight and i + 1 < limit
                and _only_opens(PyUnicode_READ(g.kind, g.data, i - 1), PyUnicode_READ(g.kind, g.data, i + 1))
            ):
                return i + 1
        if right or (straight and not _only_opens(before, after)):
            unclosed[0] |= bit
            return -1
        return limit

    cdef Py_ssize_t _closing_single(
        self, const Given *g, Py_ssize_t q, Py_ssize_t limit, Py_UCS4 mark, uint32_t bit, uint32_t *unclosed
    ) noexcept nogil:
        """Single marks close only after a word, over two words or more."""
        cdef Py_ssize_t i, j, plural = 0
        cdef Py_UCS4 before, following
        for j in range(q + 1, self.t.quotes):
            i = self.t.quote[j]
            if i >= limit:
                break
            if not _closes(mark, PyUnicode_READ(g.kind, g.data, i)):
                continue
            before = PyUnicode_READ(g.kind, g.data, i - 1)
            following = PyUnicode_READ(g.kind, g.data, i + 1) if i + 1 < limit else u" "
            if Py_UNICODE_ISALNUM(following) or Py_UNICODE_ISSPACE(before):
                if plural and Py_UNICODE_ISALNUM(following) and Py_UNICODE_ISSPACE(before):
                    break
            elif before == u"s" and following == u" ":
                plural = plural or i
            elif not plural or before == u"." or before == u"," or before == u"!" or before == u"?" or before == 0x2026:
                return self._over_two_words(g, self.t.quote[q] + 1, i)
        if plural:
            return self._over_two_words(g, self.t.quote[q] + 1, plural)
        unclosed[0] |= bit
        return -1

    cdef Py_ssize_t _over_two_words(self, const Given *g, Py_ssize_t k, Py_ssize_t end) noexcept nogil:
        while k < end and Py_UNICODE_ISSPACE(PyUnicode_READ(g.kind, g.data, k)):
            k += 1
        while k < end:
            if PyUnicode_READ(g.kind, g.data, k) == u" ":
                return end + 1
            k += 1
        return -1


cdef inline bint _ends_sentence(Py_UCS4 c) noexcept nogil:
    return (
        c == u"." or c == u"!" or c == u"?" or c == 0x2026 or c == 0x3002 or c == 0xFF01 or c == 0xFF1F
        or c == u"\r" or c == u"\n" or c == 0x85 or c == 0x2028 or c == 0x2029
    )


cdef inline bint _opens_quotation(Py_UCS4 c) noexcept nogil:
    return (
        c == u'"' or c == 0x201C or c == 0x201E or c == 0xAB or c == 0x300C or c == 0x300E or c == u":" or c == u";"
        or c == 0x2013 or c == 0x2014 or c == u"(" or c == u"["
    )


cdef uint8_t _bare_beginning(int kind, void *data, Py_ssize_t i, Py_ssize_t end) noexcept nogil:
    """The first word character of a line or title if it is ASCII, in small; ASK where that is not so plain."""
    cdef Py_UCS4 c
    while i < end:
        c = PyUnicode_READ(kind, data, i)
        if c >= 128:
            return ASK
        if Py_UNICODE_ISALNUM(c) or c == u"_":
            return <uint8_t>(<uint32_t>c | 32) if c >= 65 and c <= 90 else <uint8_t>c
        i += 1
    return ASK


cdef Py_ssize_t _pieces(const Tokens *t, const Given *g, Py_ssize_t start, Py_ssize_t end, Py_ssize_t most) noexcept nogil:
    """Pieces between spaces (str.split), counted to one more than `most`."""
    cdef Py_ssize_t k, pieces = 0
    cdef bint inside = False
    for k in range(start, end):
        if t.fast[t.narrow[k]] == FAST_SPACE or (
            t.narrow[k] >= 0x80 and Py_UNICODE_ISSPACE(PyUnicode_READ(g.kind, g.data, k))
        ):
            inside = False
        elif not inside:
            inside = True
            pieces += 1
            if pieces > most:
                break
    return pieces


cdef uint32_t _bit_of(Py_UCS4 mark) noexcept nogil:
    """A bit for each mark that may open a quotation; 0 for those that only close one."""
    cdef int k
    for k in range(19):
        if OPENING[k] == mark:
            return 1 << k
    return 0


cdef inline bint _only_opens(Py_UCS4 before, Py_UCS4 after) noexcept nogil:
    return Py_UNICODE_ISSPACE(before) and Py_UNICODE_ISALNUM(after)


cdef inline bint _only_closes(Py_UCS4 before, Py_UCS4 after) noexcept nogil:
    return (
        Py_UNICODE_ISALNUM(before) or before == u"." or before == u"," or before == u"!" or before == u"?" or before == 0x2026
    ) and not Py_UNICODE_ISALNUM(after)


cdef inline bint _opens(Py_UCS4 before, Py_UCS4 after) noexcept nogil:
    if Py_UNICODE_ISALNUM(before) or before == u"." or before == u"," or before == u"!" or before == u"?":
        return False
    return (
        Py_UNICODE_ISALNUM(after) or after == 0x201C or after == 0x201E or after == u'"' or after == u"'" or after == u"."
        or after == 0x2026
    )


cdef inline bint _closes(Py_UCS4 mark, Py_UCS4 c) noexcept nogil:
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
    if mark == 0xFF62:
        return c == 0xFF63
    if mark == 0xFE41 or mark == 0xFE43:
        return <uint32_t>c == <uint32_t>mark + 1
    if mark == 0x2018:
        return c == 0x2019
    if mark == 0x201A:
        return c == 0x2018 or c == 0x2019
    return c == u"'"


# -- shingles of numbered words


def exclude(uint32_t[::1] ids, const int64_t[::1] lows, const int64_t[::1] highs):
    """Marks the words from low to high, of each of these ranges, as excluded."""
    cdef Py_ssize_t r, k
    with nogil:
        for r in range(lows.shape[0]):
            for k in range(lows[r], highs[r]):
                ids[k] |= EXCLUDED


def contents(const uint32_t[::1] ids, const int64_t[::1] starts, const int64_t[::1] ends, const uint64_t[::1] digests):
    """A number made of each text's authored words (XXH64 of their digests, 0 wherever something is left out between two)."""
    cdef Py_ssize_t texts = starts.shape[0], longest = 0, d, k, count
    cdef uint64_t *lanes
    cdef bint gap
    for d in range(texts):
        longest = max(longest, ends[d] - starts[d])
    found = np.empty(texts, dtype=np.uint64)
    cdef uint64_t[::1] number = found
    lanes = <uint64_t *>malloc((2 * longest + 1) * 8)
    _sure(lanes == NULL)
    with nogil:
        for d in range(texts):
            count = 0
            gap = False
            for k in range(starts[d], ends[d]):
                if ids[k] & EXCLUDED:
                    gap = count > 0
                    continue
                if gap:
                    lanes[count] = 0
                    count += 1
                    gap = False
                lanes[count] = digests[ids[k]]
                count += 1
            number[d] = xxh64_lanes(lanes, count)
    free(lanes)
    return found


cdef struct Shingler:  # goes over words and makes the hashes of shingles
    const uint64_t *digest
    uint64_t *rounded
    uint64_t *lane
    int size


cdef inline uint64_t _shingle(const Shingler *s, const uint32_t *word) noexcept nogil:
    """The public hash of the shingle that begins with this word."""
    cdef uint64_t h
    cdef int j
    if s.size == 3:
        h = xxh_lane(P5 + 24, s.rounded[word[0]])
        return xxh_finish(xxh_lane(xxh_lane(h, s.rounded[word[1]]), s.rounded[word[2]]))
    for j in range(s.size):
        s.lane[j] = s.digest[word[j]]
    return xxh64_lanes(s.lane, s.size)


cdef inline uint64_t _is_twice(const uint64_t *seen, uint64_t place) noexcept nogil:
    return seen[place >> 5] >> (2 * (place & 31) + 1) & 1


def sample(
    const uint32_t[::1] ids, const int64_t[::1] starts, const int64_t[::1] ends, const uint64_t[::1] digests, int size,
    int bits, uint64_t below,
):
    """Shingles whose public hash is at most `below`, as hash << bits | text, and each text's shingles in all.

    Where most are taken, those that stand once in all texts are left out, as far as two bits for each tell.
    """
    cdef Py_ssize_t texts = starts.shape[0], words = digests.shape[0], d, k, run, total, longest = 0, count
    cdef uint64_t h, place, kept
    cdef uint64_t *out
    cdef uint64_t *seen = NULL
    cdef uint64_t *own
    cdef Column packed
    cdef Shingler s
    cdef int shift = 59, turn
    cdef bint dense = below > DENSE, failed
    windows = np.zeros(texts, dtype=np.int64)
    cdef int64_t[::1] window = windows
    packed.data, packed.size, packed.room, packed.width = NULL, 0, 0, 8
    for d in range(texts):
        longest = max(longest, ends[d] - starts[d])
    while dense and shift > 0 and (<uint64_t>1 << (64 - shift)) < 4 * <uint64_t>ids.shape[0]:
        shift -= 1
    s.size, s.digest = size, &digests[0]
    s.rounded, s.lane = <uint64_t *>malloc(words * 8), <uint64_t *>malloc((size + 1) * 8)
    own = <uint64_t *>malloc((longest + 1) * 8)
    if dense:
        seen = <uint64_t *>calloc(<size_t>1 << (59 - shift), 8)
    failed = s.rounded == NULL or s.lane == NULL or own == NULL or (dense and seen == NULL)
    with nogil:
        for k in range(0 if failed else words):
            s.rounded[k] = xxh_round(0, digests[k])
        for turn in range(2 if failed else 0 if dense else 1, 2):
            for d in range(texts):
                run = total = 0
                for k in range(starts[d], ends[d]):
                    run = 0 if ids[k] & EXCLUDED else run + 1
                    if run >= size:
                        own[total] = _shingle(&s, &ids[k - size + 1])
                        if dense:
                            PREFETCH(&seen[own[total] >> shift >> 5])
                        total += 1
                window[d] = total
                if turn == 0:  # counted: none, one, more
                    for k in range(total):
                        place = own[k] >> shift
                        seen[place >> 5] += (1 ^ _is_twice(seen, place)) << 2 * (place & 31)
                    continue
                failed = column_reserve(&packed, total)
                if failed:
                    break
                out = <uint64_t *>packed.data
                count = packed.size
                for k in range(total):
                    h = own[k]
                    out[count] = h << bits | <uint64_t>d
                    kept = h <= below
                    if dense:
                        kept &= _is_twice(seen, h >> shift)
                    count += kept
                packed.size = count
    free(s.rounded); free(s.lane); free(own); free(seen)
    if failed:
        free(packed.data)
    _sure(failed)
    return _array(&packed, np.uint64), windows


def distinct(uint64_t[::1] sorted_):
    """The distinct numbers among sorted ones, moved to the front of the same array."""
    cdef Py_ssize_t k, kept = 0
    for k in range(sorted_.shape[0]):
        if kept == 0 or sorted_[k] != sorted_[kept - 1]:
            sorted_[kept] = sorted_[k]
            kept += 1
    return np.asarray(sorted_)[:kept]


cdef inline Py_ssize_t _run_end(const uint64_t *packed, Py_ssize_t i, Py_ssize_t n, int bits) noexcept nogil:
    """The end of the texts that have the shingle at i."""
    cdef Py_ssize_t j = i + 1
    while j < n and packed[j] >> bits == packed[i] >> bits:
        j += 1
    return j


def crowds(const uint64_t[::1] packed, int bits, Py_ssize_t rare):
    """Of each text, the shingles that stand in more than `rare` texts; `packed` as in `runs`."""
    cdef Py_ssize_t n = packed.shape[0], i = 0, j, k
    cdef const uint64_t *number = &packed[0] if n else NULL
    cdef uint64_t mask = (<uint64_t>1 << bits) - 1
    found = np.zeros(1 << bits, dtype=np.int64)
    cdef int64_t[::1] crowd = found
    with nogil:
        while i < n:
            j = _run_end(number, i, n, bits)
            if j - i > rare:
                for k in range(i, j):
                    crowd[number[k] & mask] += 1
            i = j
    return found


def runs(
    const uint64_t[::1] packed, int bits, Py_ssize_t rare, Py_ssize_t neighbours, const int64_t[::1] crowd, uint64_t low,
    uint64_t high,
):
    """Pairs of texts, as first << 32 | second, once for every sampled shingle that they share, low <= first < high.

    `packed` are distinct, sorted numbers: a shingle's hash above, the text it stands in in the lowest `bits`. A shingle in
    more than `rare` texts links each of them to its next `neighbours` and to the one with most such shingles (`crowd`).
    """
    cdef Py_ssize_t n = packed.shape[0], i = 0, j, k, m
    cdef const uint64_t *number = &packed[0] if n else NULL
    cdef uint64_t mask = (<uint64_t>1 << bits) - 1, a, b, hub
    cdef Column pairs
    cdef bint failed = False
    pairs.data, pairs.size, pairs.room, pairs.width = NULL, 0, 0, 8
    with nogil:
        while i < n and not failed:
            j = _run_end(number, i, n, bits)
            if j - i > rare:
                hub = number[i] & mask
                for k in range(i, j):
                    if crowd[number[k] & mask] > crowd[hub]:
                        hub = number[k] & mask
                for k in range(i, j):
                    a = number[k] & mask
                    for m in range(k + 1, min(j, k + 1 + neighbours)):
                        b = number[m] & mask
                        if a != hub and b != hub and low <= a < high:
                            failed |= put64(&pairs, a << 32 | b)
                    if a != hub and low <= min(a, hub) < high:
                        failed |= put64(&pairs, min(a, hub) << 32 | max(a, hub))
            else:
                for k in range(i, j):
                    a = number[k] & mask
                    if low <= a < high:
                        for m in range(k + 1, j):
                            failed |= put64(&pairs, a << 32 | (number[m] & mask))
            i = j
    if failed:
        free(pairs.data)
    _sure(failed)
    return _array(&pairs, np.uint64)


cdef inline uint64_t _code(const uint32_t *word, int size, int bits) noexcept nogil:
    """The shingle's number: its words' numbers side by side, or, where those are too many, mixed. Never 0."""
    cdef uint64_t h = 0
    cdef int j
    if bits * size <= 64:
        for j in range(size):
            h = h << bits | word[j]
        return h
    for j in range(size):
        h = xxh_finish(rotate_left(h, 23) ^ (<uint64_t>word[j] * P1 + P5))
    return h | 1


cdef struct Shingles:  # the distinct shingles of one text
    uint64_t *table
    uint32_t *stamp  # when each was last met
    uint64_t *filter  # a bit for what may be there, few of which are set: most shingles of another text end here
    uint64_t mask
    int shift


def shared(
    const uint32_t[::1] ids, const int64_t[::1] starts, const int64_t[::1] ends, const int64_t[::1] a,
    const int64_t[::1] b, int size, int bits,
):
    """For pairs of texts sorted by `a`: distinct shingles of `a`, of `b`, and how many both have. Exact."""
    cdef Py_ssize_t pairs = len(a), p, k, at, longest = 1
    cdef uint64_t room
    cdef Shingles s
    cdef const uint32_t *word = &ids[0] if len(ids) else NULL
    for k in range(len(starts)):
        longest = max(longest, ends[k] - starts[k])
    counts = np.zeros((3, pairs), dtype=np.int64)
    cdef int64_t[:, ::1] count = counts
    sizes = np.full(len(starts), -1, dtype=np.int64)
    cdef int64_t[::1] known = sizes
    room = _room(longest)
    s.table, s.stamp = <uint64_t *>malloc(room * 8), <uint32_t *>malloc(room * 4)
    s.filter = <uint64_t *>malloc(room * 2)
    try:
        _sure(s.table == NULL or s.stamp == NULL or s.filter == NULL)
        with nogil:
            for p in range(pairs):
                known[a[p]] = known[b[p]] = 0
            p = 0
            for at in range(starts.shape[0]):
                if known[at] < 0:
                    continue
                known[at] = _fill(&s, word, starts[at], ends[at], size, bits)
                if p < pairs and a[p] == at:
                    memset(s.stamp, 0, (s.mask + 1) * 4)
                while p < pairs and a[p] == at:
                    count[2, p] = _met(&s, word, starts[b[p]], ends[b[p]], size, bits, p + 1)
                    p += 1
            for p in range(pairs):
                count[0, p], count[1, p] = known[a[p]], known[b[p]]
    finally:
        free(s.table); free(s.stamp); free(s.filter)
    return counts


cdef int64_t _met(
    const Shingles *s, const uint32_t *word, int64_t low, int64_t high, int size, int bits, uint32_t time
) noexcept nogil:
    """How many of a text's distinct shingles are in the table; `time` is another one at each call."""
    cdef Py_ssize_t k, slot, run = 0
    cdef int64_t both = 0
    cdef uint64_t code, mixed
    for k in range(low, high):
        run = 0 if word[k] & EXCLUDED else run + 1
        if run < size:
            continue
        code = _code(word + k - size + 1, size, bits)
        mixed = code * P1
        if not s.filter[mixed >> s.shift >> 6] >> (mixed >> s.shift & 63) & 1:
            continue
        slot = (mixed >> 20) & s.mask
        while s.table[slot] != 0 and s.table[slot] != code:
            slot = (slot + 1) & s.mask
        if s.table[slot] == code and s.stamp[slot] != time:
            s.stamp[slot] = time
            both += 1
    return both


cdef inline uint64_t _room(int64_t words) noexcept nogil:
    cdef uint64_t room = 4
    while room < 2 * <uint64_t>words + 2:
        room *= 2
    return room


cdef int64_t _fill(Shingles *s, const uint32_t *word, int64_t low, int64_t high, int size, int bits) noexcept nogil:
    """The text's distinct shingles into the table; how many they are."""
    cdef Py_ssize_t k, slot, run = 0
    cdef int64_t distinct = 0
    cdef uint64_t code, mixed, room = _room(high - low)
    s.mask = room - 1
    s.shift = 64
    while (<uint64_t>1 << (64 - s.shift)) < 16 * room:
        s.shift -= 1
    memset(s.table, 0, room * 8)
    memset(s.filter, 0, room * 2)
    for k in range(low, high):
        run = 0 if word[k] & EXCLUDED else run + 1
        if run < size:
            continue
        code = _code(word + k - size + 1, size, bits)
        mixed = code * P1
        s.filter[mixed >> s.shift >> 6] |= <uint64_t>1 << (mixed >> s.shift & 63)
        slot = (mixed >> 20) & s.mask
        while s.table[slot] != 0 and s.table[slot] != code:
            slot = (slot + 1) & s.mask
        if s.table[slot] == 0:
            s.table[slot] = code
            distinct += 1
    return distinct
