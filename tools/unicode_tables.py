"""Writes derive/data/unicode.tsv: which characters are letters, marks, digits, written without spaces, or invisible.

Run it with the oldest Python that derive supports: a character unknown to that Unicode version is no word character for
any of them, and for the known ones NFKC and case folding are stable by Unicode's own policy. So every Python agrees.

    python3.11 tools/unicode_tables.py > derive/data/unicode.tsv
"""

import sys
import unicodedata

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), which the standard library does not know.
INVISIBLE = (
    "AD 34F 61C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 FFF0-FFF8 "
    "1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"
)
# Scripts that put no space between words, by the beginning of their characters' names.
SPACELESS = (
    "CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "THAI", "LAO", "KHMER",
    "MYANMAR", "TIBETAN", "YI SYLLABLE", "BOPOMOFO", "TAI LE", "NEW TAI LUE", "TAI THAM", "IDEOGRAPHIC ITERATION",
)  # fmt: skip


def ranges(points):
    """Sorted code points as hexadecimal ranges."""
    out, start, last = [], None, None
    for point in [*points, None]:
        if start is not None and point != last + 1:
            out.append(f"{start:X}" if start == last else f"{start:X}-{last:X}")
            start = None
        if start is None:
            start = point
        last = point
    return " ".join(out)


def invisible():
    for item in INVISIBLE.split():
        low, _, high = item.partition("-")
        yield from range(int(low, 16), int(high or low, 16) + 1)


def main():
    hidden = set(invisible())
    classes = {"letter": [], "mark": [], "digit": [], "spaceless": []}
    for point in range(sys.maxunicode + 1):
        char = chr(point)
        category = unicodedata.category(char)
        if point in hidden:
            continue
        if category[0] == "L" or category == "Nl":
            spaceless = unicodedata.name(char, "").startswith(SPACELESS)
            classes["spaceless" if spaceless else "letter"].append(point)
        elif category[0] == "M":
            classes["mark"].append(point)
        elif category == "Nd":
            classes["digit"].append(point)
    print(f"version\t{unicodedata.unidata_version}")
    for name, points in {**classes, "invisible": sorted(hidden)}.items():
        print(f"{name}\t{ranges(points)}")


main()
