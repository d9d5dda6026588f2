"""Sentences that tell the same: a summary is one passage over all that it sums up, and one topic makes no block."""

from __future__ import annotations

import derive
from derive.measure import BLOCK
from derive.model import Document, Prepared
from derive.prepare import prepare
from derive.retold import retold
from tests.test_dense import HOST

STORY = """The lighthouse keeper of Skerry Point found the lamp room flooded when he climbed the tower at dawn.
Rain had entered through a cracked pane that the harbour office had promised to replace in spring.
Two herring boats were already feeling their way home through the fog.
Their skippers had set out before midnight, with the forecast still speaking of a calm sea.
On the mole a cooper rolled his barrels under the eaves and listened for the horn.
The horn stayed silent, since its compressor shared a fuse with the drowned lamp.
At the inn nobody noticed anything before breakfast.
A retired pilot, walking his spaniel along the shingle, heard hulls scraping over the reef.
He lit his own straw roof beacon, a kettle of tar that his grandfather had hung there against such nights.
Both crews steered towards the burning tar and ran their bows into soft sand.
Children carried blankets down from the chapel while the baker handed out warm loaves.
A deckhand with a broken wrist was driven to the county infirmary on a milk cart.
The insurance assessor arrived on the noon coach and counted planks for three hours.
He put the damage to both vessels at nine hundred crowns, nets not included.
By then the fog had lifted and gulls quarrelled over spilled fish along the whole beach.
The harbour master, who had slept through everything, ordered an inquiry into the glazier.
A reporter from the mainland sketched the wrecks for a weekly paper.
Schoolboys dived for lead weights until a constable chased them off.
The minister rewrote his sermon and then, on second thoughts, wrote it back.
Someone found the cooper's barrels two miles away, neatly stacked by the tide against a boathouse door.
A goat stood in the wheelhouse of one boat, and nobody could say how it had got there.
In the evening the parish met and voted to buy a second fuse before anything else.
The pilot was offered a medal, and asked for a new kettle instead.""".replace("\n", " ")
SUMMARY = """At dawn a keeper discovered that rain through a cracked pane had flooded the lamp room of the tower.
As horn and lamp shared one fuse, the horn was silent, too, while herring boats came home in fog.
A pilot out with his spaniel heard the hulls scraping on the reef and lit a kettle of tar.
Steering for the burning tar, the crews put their bows on soft sand.
Damage to the vessels came to nine hundred crowns, said an insurance assessor.
The parish voted to buy another fuse, and the pilot wanted a new kettle, no medal.""".replace("\n", " ")


def _of(text: str) -> Prepared:
    return prepare(Document("text", text))


def test_a_summary_in_a_foreign_host_is_one_passage_over_all_that_it_sums_up() -> None:
    host = f"{HOST}\n\n{SUMMARY}\n\n{HOST.replace('day', 'evening')}"
    pair = derive.compare(STORY, host)
    (passage,) = pair.passages
    assert pair.reuse == "text"
    assert passage.a.end - passage.a.start > 0.9 * len(STORY)
    assert passage.b.of(host).startswith(SUMMARY[:60])
    assert "quorum" not in passage.b.of(host)


def test_the_block_of_a_summary_is_found_from_either_side() -> None:
    there, back = (
        retold(x, y, authored=True).block
        for x, y in ((_of(STORY), _of(SUMMARY + " " + HOST)), (_of(SUMMARY + " " + HOST), _of(STORY)))
    )
    assert there
    assert back
    assert there.condenses
    assert (there.score, there.sentences, there.a, there.b) == (back.score, back.sentences, back.b, back.a)


def test_what_shares_no_story_has_no_block_worth_the_name() -> None:
    block = retold(_of(STORY), _of(HOST), authored=True).block
    assert block is None or block.score < BLOCK[0] / 2


def test_a_copied_text_is_no_summary_of_itself() -> None:
    block = retold(_of(STORY), _of(f"{HOST} {HOST.replace('day', 'evening')} {STORY}"), authored=True).block
    assert block
    assert not block.condenses


def test_empty_texts_retell_nothing() -> None:
    assert retold(_of(""), _of(STORY), authored=True).block is None
    assert retold(_of(""), _of(STORY), authored=True).places() == []
