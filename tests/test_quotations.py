"""A shared statement is `quotation` and never `text`, however the two newsrooms mark direct speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from _pytest.mark import ParameterSet

import derive
from derive.model import Comparison, Document


@dataclass(frozen=True)
class Newsroom:
    """Two reports of one event that share a statement of three sentences and nothing else."""

    language: str
    ours: str
    theirs: str
    said: tuple[str, str, str]


ENGLISH = Newsroom(
    "English",
    """Harbour walk opens late and over budget

The new walk along the old harbour at Ostrey was opened on Thursday with a brass band and a shower of hail. It runs for
nine hundred metres from the fish hall to the lighthouse steps, and it has taken four winters to build.

{said}

Anglers are not pleased. Their places on the inner wall have gone, and the city has offered them a pontoon that can be
reached only by ladder. A petition against it hangs in the window of the tackle shop, where about three hundred people
have signed so far.

A kiosk will open at Easter. Until then visitors are advised to bring their own coffee, and a hat.""",
    """What a walk of nine hundred metres can cost

Contractors are still arguing about the bill. While children raced each other along the fresh planks of Ostrey's
promenade, two lawyers stood by the railing and counted bolts, which their clients say were twice as dear as agreed.

{said}

Council papers put the price at more than eleven million, a third above what had been announced when the first stone was
laid. An audit is to find out by summer who signed for the granite. It came from a quarry that has since gone bankrupt.

Shopkeepers in Chandler Street have other cares, since the road to the fish hall stays closed for another year.""",
    (
        "We promised this town that it would see the water again, and tonight it can",
        "There were mornings when I thought that we would be finished with the money before the money was finished with us",
        "Nobody who walks here in ten years' time will ask what it cost, but everybody will ask why we waited",
    ),
)
JAPANESE = Newsroom(
    "Japanese",
    """港の遊歩道がようやく完成

四度の冬を越えて、旧港に沿う遊歩道が木曜日に開通した。魚市場から灯台の石段まで九百メートル、式典の途中で雹が降り、吹奏楽の一行は軒下へ逃げ込んだ。

{said}

釣り人の表情はさえない。内側の堤にあった釣り場がなくなり、市が用意した浮き桟橋へははしごで下りるしかない。釣具店の窓には反対の署名簿がつるされている。

売店は春に開く予定で、それまでは飲み物と帽子を持参してほしいという。""",
    """請求書はまだ片付かない

真新しい板の上を子どもたちが駆け回るそばで、弁護士が二人、欄干のボルトを数えていた。契約の倍の値段だったというのが依頼主の言い分である。

{said}

議会の資料によれば総額は十一億円を超え、着工時の発表より三割以上ふくらんだ。花崗岩の発注を誰が承認したのか、夏までに監査が行われる。

通りの商店主には別の心配がある。市場へ抜ける道は、あと一年閉じたままだ。""",
    (
        "もう一度この町に海を見せると約束した。今夜それを果たせた",
        "金が尽きるのが先か、こちらの気力が尽きるのが先かと思う朝もあった",
        "十年後にここを歩く人は費用のことなど尋ねない。なぜもっと早く造らなかったのかと尋ねるはずだ",
    ),
)

CONVENTIONS = {  # three sentences in the marks of some house; {0} to {2} are the sentences
    "straight": 'Mayor Edda Lund said: "{0}. {1}. {2}."',
    "curly": "“{0}. {1}. {2},” Mayor Edda Lund said.",
    "curly single": "‘{0}. {1}. {2},’ said the mayor, Edda Lund.",
    "straight single": "'{0}. {1}. {2},' said the mayor, Edda Lund.",
    "low-9": "Edda Lund, the mayor: „{0}. {1}. {2}.“",
    "low-9, closed as in Poland": "Edda Lund, the mayor: „{0}. {1}. {2}.”",
    "single low-9": "Edda Lund, the mayor: ‚{0}. {1}. {2}.‘",
    "right marks on both sides": "Edda Lund, the mayor: ”{0}. {1}. {2}.”",
    "guillemets": "« {0}. {1}. {2} », said Mayor Edda Lund.",
    "guillemets with thin spaces": "«\u202f{0}. {1}. {2}\u202f», said Mayor Edda Lund.",
    "guillemets turned inwards": "Edda Lund, the mayor: »{0}. {1}. {2}.«",
    "single guillemets": "Edda Lund, the mayor: ‹{0}. {1}. {2}.›",
    "full-width": "Edda Lund, the mayor: ＂{0}. {1}. {2}.＂",
    "typewriter": "``{0}. {1}. {2},'' Mayor Edda Lund said.",
    "two commas": "Edda Lund, the mayor: ,,{0}. {1}. {2}.''",
    "split by attribution": "“{0},” Mayor Edda Lund said. “{1}. {2}.”",
    "split twice": '"{0}," Mayor Edda Lund said. "{1}," she added. Her last word was: "{2}."',
    "a quotation inside": "“{0}. As my father put it, ‘{1}.’ {2},” Mayor Edda Lund said.",
    "opened again at each paragraph": "“{0},” Mayor Edda Lund said.\n\n“{1}.\n\n“{2}.”",
    "closed at the last paragraph": "Mayor Edda Lund said: “{0}.\n\n“{1}.\n\n“{2}.”",
    "guillemets closed at the last paragraph": "Mayor Edda Lund: «{0}.\n\n»{1}.\n\n»{2}.»",
    "guillemets opened at each paragraph": "Mayor Edda Lund: « {0}.\n\n« {1}.\n\n« {2}. »",
    "marks at the two ends of three paragraphs": "Mayor Edda Lund said: “{0}.\n\n{1}.\n\n{2}.”",
    "straight marks at the two ends of three paragraphs": 'Mayor Edda Lund said: "{0}.\n\n{1}.\n\n{2}."',
    "a dash at each sentence": "— {0}, — said Mayor Edda Lund. — {1}. {2}.",
    "a dash at each paragraph": "– {0}, said Mayor Edda Lund.\n\n– {1}.\n\n– {2}.",
    "a block of lines with an angle": "Mayor Edda Lund wrote:\n\n> {0}.\n> {1}.\n> {2}.",
    "entities": "&ldquo;{0}. {1}. {2},&rdquo; Mayor Edda Lund said.",
    "half of it without marks": "“{0},” Mayor Edda Lund said. {1}, she went on. {2}, in her view.",
    "without marks": "Mayor Edda Lund told the crowd: {0}. {1}. {2}.",
}
BRACKETS = {
    "corners": "市長は「{0}。{1}。{2}」と述べた。",
    "white corners": "市長は『{0}。{1}。{2}』と述べた。",
    "a quotation inside": "市長は「{0}。父は『{1}』と言った。{2}」と述べた。",
    "half-width corners": "市長は｢{0}。{1}。{2}｣と述べた。",
    "upright corners": "市長は﹁{0}。{1}。{2}﹂と述べた。",
    "upright white corners": "市長は﹃{0}。{1}。{2}﹄と述べた。",
    "curly": "市長は“{0}。{1}。{2}”と述べた。",
    "primes": "市長は〝{0}。{1}。{2}〟と述べた。",
    "split by attribution": "「{0}」と市長。「{1}。{2}」とも述べた。",
    "opened again at each paragraph": "市長は「{0}。\n\n「{1}。\n\n「{2}」と述べた。",
    "closed at the last paragraph": "市長の話。「{0}。\n\n{1}。\n\n{2}」",
}
NO_MARKS = ("without marks", "half of it without marks")
"""Where neither side has marks nobody can tell: these stand against the usual marks only."""


def compared(room: Newsroom, ours: str, theirs: str) -> Comparison:
    a = Document("ours", room.ours.format(said=ours.format(*room.said)))
    b = Document("theirs", room.theirs.format(said=theirs.format(*room.said)))
    return derive.compare(a, b)


def cases(room: Newsroom, table: dict[str, str], usual: str) -> Iterator[ParameterSet]:
    """Each house against another one with the same marks, and against one with the usual marks."""
    for name, said in table.items():
        if name not in NO_MARKS:
            yield pytest.param(room, said, said, id=f"{room.language}: {name}")
        yield pytest.param(room, table[usual], said, id=f"{room.language}: {usual}, {name}")


@pytest.mark.parametrize(
    ("room", "ours", "theirs"), [*cases(ENGLISH, CONVENTIONS, "curly"), *cases(JAPANESE, BRACKETS, "corners")]
)
def test_a_shared_statement_is_a_quotation_in_the_marks_of_any_house(room: Newsroom, ours: str, theirs: str) -> None:
    assert compared(room, ours, theirs).reuse == "quotation"


@pytest.mark.parametrize("room", [ENGLISH, JAPANESE], ids=["English", "Japanese"])
def test_the_statement_is_all_that_the_two_reports_share_and_bare_words_are_text(room: Newsroom) -> None:
    assert compared(room, "", "").reuse == "none"
    assert compared(room, "{0}. {1}. {2}.", "{0}. {1}. {2}.").reuse == "text"
