"""Two texts compared without files or a collection: what they share, where it stands, and what can be said of it."""

import derive

WIRE = (
    "Engineers warned three times last year that the Callow Dam was seeping, but the warnings never left the regional "
    "office, an inquiry heard on Tuesday. The company said it was studying the records."
)
PAPER = (
    "It was a grey morning in Harrow Falls. Engineers warned three times last year that the dam was seeping, an inquiry "
    "heard, but the warnings never left the regional office. Nobody in the room looked surprised."
)

pair = derive.compare(WIRE, PAPER)
print(f"{pair.containment_of_b_in_a:.0%} of the paper is in the wire; reuse: {pair.reuse}; {pair.direction.verdict}")
for passage in pair.passages:
    print(f"[{passage.kind}] {passage.a.of(WIRE)!r} / {passage.b.of(PAPER)!r}")
