"""What unrelated stories say in one breath is no trace of copying; what two texts alone have is."""

from __future__ import annotations

import numpy as np
import pytest

from derive.commonplaces import Commonplaces
from derive.model import Document
from derive.pipeline import examine

FORMULA = (
    "He pleaded guilty to manslaughter on the grounds of diminished responsibility {} {} and was ordered to be detained "
    "indefinitely under the mental health act, psychiatrists {}."
)
SAID = [
    FORMULA.format(*words.split("|"))
    for words in (
        "at|Pellmouth crown court|agreeing",
        "before|a judge in Marlow|having advised it",
        "last|week in Arnsey|concurring",
        "in|the county court|being of one mind",
    )
]
CRIMES = [
    """A retired glazier who drowned his brother in a water butt has been sent to a secure hospital. Neighbours in Pell Lane had
heard the two quarrel over a ladder for most of the summer. {said} The house is to be sold, and the ladder with it. Sparrows
nest in the gutter that the brothers never mended. A niece from Tolven has taken the cat, the clock and four crates of coloured
panes, which she means to set into the porch of her bakery. She recalled two men who whistled the same tune on opposite sides of
a hedge, and who sent each other plum jam at Easter without a card. The butt itself was broken up with an axe by the parish
gardener, who said that nobody would want to water beans from it. What became of the whistling no one in the lane could say.""",
    """Nobody at the Marlow dairy suspected the cheesemaker until the cellar was emptied for the spring wash. Behind the third
rack stood a barrel that no ledger mentioned. {said} The dairy has opened again under the name of its new owner. Customers
queue for goat's butter as before, and the blue wheels win prizes at the county show. An apprentice who had pushed the barrel
aside twice to reach the rennet now works on a trawler. He sleeps badly when the hold smells of brine. Invoices for salt had
doubled in one winter, an accountant noticed, while the herd grew smaller. That arithmetic was pinned above her desk for a month
before she telephoned anybody. She has since been promoted, and keeps a jar of pickled walnuts where the sheet of figures was.""",
    """The ferry pilot had been awake for thirty hours when he struck his deckhand with a boathook near the lower sluice. Two
anglers pulled the body ashore before noon. {said} A new pilot has been found in the next harbour. Timetables on that stretch
have been rewritten, and each crossing now carries a second helmsman with a stopwatch round his neck. Fog had closed the estuary
since Tuesday. Passengers slept on coils of rope and were brought soup from the lock keeper's kitchen, eleven bowls a sitting.
One of them, a cellist, played to keep the children from crying. Her bow still has tar on it. The company paid for a new one and
asked her to perform on the quay in June, weather permitting, in memory of a man who had carried her case aboard.""",
    """For eleven years a piano teacher kept the letters of a pupil in a biscuit tin, and then she put weedkiller in the pupil's
tea. The tin was read aloud in court for a whole morning. {said} The conservatoire did not wish to comment. Its practice rooms
were repainted in July, a yellow that makes the uprights look like furniture from a seaside hotel. Scales drift out of the
windows again from seven. Among the letters were pressed violets, a bus ticket to Arnsey and a drawing of two hands on a single
octave. Experts for handwriting disagreed about the violets. A tuner who visited every quarter remembered that the lid of the
grand was always locked, and that he had been given tea once, and had poured it into a fern which did not thrive afterwards.""",
]


def reuse(texts: list[str]) -> str:
    documents = [Document(f"{k}.txt", text) for k, text in enumerate(texts)]
    examined = examine(documents, also=[("0.txt", "1.txt")])
    return examined.pairs[0, 1].pair.reuse


def test_a_formula_of_the_courts_joins_two_crimes_only_while_no_two_other_reports_have_it() -> None:
    told = [crime.format(said=said) for crime, said in zip(CRIMES, SAID, strict=True)]
    bare = [crime.format(said="") for crime in CRIMES]
    assert reuse([*told[:2], *bare[2:]]) == "text"
    assert reuse([*told[:3], *bare[3:]]) == "text"
    assert reuse(told) == "none"


@pytest.mark.parametrize(
    ("texts", "asked", "expected"),
    [
        ([[0, 1, 2], [3, 4, 5]], [0, 1, 2], 0.0),
        ([[0, 1, 2], [2, 1, 7, 0]], [0, 1, 2], 1.0),
        ([[0, 1, 2], [0, 1, *range(50, 80), 2]], [0, 1, 2], 0.6667),  # far apart: not in one place
        ([[0, 1, 2], [*range(50, 59), 0, 1, 2]], [0, 1, 2], 1.0),  # over the edge of a block
        ([[0, 1, 2], []], [0, 1, 2], 0.0),
        ([[0, 1, 2], [0]], [], 0.0),
    ],
)
def test_words_count_as_told_elsewhere_where_they_stand_in_one_place(
    texts: list[list[int]], asked: list[int], expected: float
) -> None:
    stems = np.arange(100, dtype=np.uint64)
    first, other = (np.array(t, dtype=np.int32) for t in texts)
    alone = Commonplaces([first, other], stems, range(2))
    table = Commonplaces([first, other, other], stems, range(3))
    share = table.share(np.array(asked, dtype=np.uint64), np.ones(len(asked)), own=[0])
    assert share == pytest.approx(expected, abs=1e-4)
    assert table.share(np.array(asked, dtype=np.uint64), np.ones(len(asked)), own=range(3)) == 0.0
    assert alone.share(np.array(asked, dtype=np.uint64), np.ones(len(asked)), own=[0]) == 0.0


def test_two_texts_alone_are_judged_without_any_third() -> None:
    examined = examine([Document(f"{k}.txt", CRIMES[k].format(said=SAID[k])) for k in (0, 1)])
    assert [judged.pair.measured.commonplace for judged in examined.pairs.values()] == [0.0]
