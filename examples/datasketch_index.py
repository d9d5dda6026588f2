"""An archive beside an index of datasketch that you already have: sketches go both ways, and the figures stay exact.

    python examples/datasketch_index.py ARCHIVE

derive's sketches are datasketch's bit for bit (scheme affine32, seed 1, 128 values), made of `derive.shingle_hashes`. An index
finds near copies; it cannot see that a short text is contained in a long one, and estimates where `derive` counts.
"""

import sys

import datasketch

import derive


def main(place: str) -> None:
    with derive.Archive.open(place, mode="r") as archive:
        index = archive.to_datasketch(threshold=0.5)
        for document in archive.documents():
            # Any text can be asked about with a MinHash of your own, if it is made of the same hashes.
            asked = datasketch.MinHash(128, seed=1, hashfunc=int, scheme="affine32")
            for value in derive.shingle_hashes(document.text).tolist():
                asked.update(value & 0xFFFFFFFF)
            near = sorted(set(index.query(asked)) - {document.id})
            exact = sorted(match.id for match in archive.query(document).matches)
            print(f"{document.id}: the index finds {len(near)}, derive {len(exact)}")


if __name__ == "__main__":
    main(sys.argv[1])
