"""A watch on a folder, as an editorial tool would keep it: what comes in is asked about, told, and remembered.

    python examples/watch_folder.py INCOMING ARCHIVE [--once]

Whatever can write a file can feed it: a feed reader, a mail rule, the agency's own delivery. A story that is half or more in
one that the archive holds is told with what may be said of it, and no more; everything is added, so that the next story is
compared with it, too.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import derive
from derive.archive import Match

WORTH_TELLING = 0.5
EVERY_SECONDS = 60
SAID = {
    "source": "was made from",
    "derivative": "is the source of",
    "common source": "shares an unseen source with",
    "undecided": "shares text (who was first is undecided) with",
}


def alerts(archive: derive.Archive, incoming: Path) -> Iterator[str]:
    """Asks about every story of the folder that the archive does not hold yet, then adds it."""
    table = (
        incoming / "metadata.csv"
    )  # who published what, and when: without it hardly anything can be said of direction
    stories = derive.read_documents([incoming], metadata=table if table.exists() else None, skipped=[])
    for story in sorted(stories, key=lambda s: (s.published or "", s.id)):
        matches = archive.query(story).matches
        if archive.add([story]).new:
            yield from (told(story, match) for match in matches[:1] if match.share_of_query >= WORTH_TELLING)


def told(story: derive.Document, match: Match) -> str:
    share, chance = f"{match.share_of_query:.0%}", f"{match.probability:.0%}"
    return f"{story.id}: {share} of it stands in {match.id}; it {SAID[match.role]} that ({chance})"


def main(incoming: Path, place: Path, once: bool) -> None:
    with derive.Archive.open(place) as archive:
        while True:
            for alert in alerts(archive, incoming):
                print(alert, flush=True)
            if once:
                return
            time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), "--once" in sys.argv)
