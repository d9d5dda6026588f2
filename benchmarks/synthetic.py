"""Lineages made by a generator: how many parents, unseen sources and origins does derive find, and how many falsely?

python benchmarks/synthetic.py [--stories 200] [--seed 1] [--json FILE] [--write FOLDER]

Every word is ours: articles are composed of invented names and of sentence patterns filled from groups of words that mean
the same, so that "copy-editing" is an exchange within a group. A story has one or two independent sources, articles derived
from them and from each other by the operators below, articles on the same event that derive from nothing, hidden nodes,
furniture, credits, and dates of which some are vague, missing or false. Rates are by judgement, not measured on real pairs;
no setting of derive may be chosen on these lineages, as rules that win on synthetic rewriting lose on real one.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from derive.evaluate import evaluate_stories
from derive.evaluate.truth import Story
from derive.model import Document

# -- words: each entry is a group that means the same

ADJECTIVES = """old|ageing|aged new|recent|fresh large|big|sizeable small|little|modest narrow|slim|tight broad|wide|ample
costly|expensive|pricey cheap|inexpensive|affordable secret|hidden|concealed public|open|official
private|personal|internal sudden|abrupt|unexpected slow|gradual|sluggish fierce|heated|bitter calm|quiet|orderly
damaged|broken|battered safe|secure|sound risky|dangerous|hazardous strange|odd|peculiar
famous|celebrated|renowned local|regional|nearby foreign|overseas|external empty|vacant|deserted
crowded|packed|busy northern|upper southern|lower early|initial|first late|final|last rare|unusual|uncommon
regular|routine|ordinary strict|rigid|harsh loose|lax|lenient deep|profound|severe light|slight|minor
firm|solid|stable shaky|fragile|unsteady wooden|timber concrete|stone rusty|corroded golden|gilded muddy|boggy
steep|sheer muted|subdued proud|boastful worried|anxious|uneasy angry|furious|irate hopeful|confident|upbeat
tired|weary|exhausted young|youthful|junior senior|veteran|seasoned rival|competing joint|shared|common
unpaid|outstanding|overdue missing|lost|absent spare|extra|additional urgent|pressing|immediate
delayed|postponed|belated valid|lawful|legal disputed|contested|controversial""".split()

VERBS = """repaired|mended|restored inspected|examined|checked delayed|postponed|deferred approved|endorsed|backed
rejected|refused|dismissed closed|shut|sealed opened|unlocked|unveiled moved|shifted|relocated
sold|auctioned|traded bought|purchased|acquired counted|tallied|numbered measured|gauged|surveyed
copied|duplicated|replicated lost|mislaid|forfeited found|discovered|located blamed|faulted|accused
praised|lauded|applauded warned|alerted|cautioned visited|toured|attended photographed|pictured|filmed
described|portrayed|depicted halted|stopped|suspended resumed|restarted|reopened cleaned|scrubbed|washed
painted|coated|decorated guarded|protected|shielded carried|hauled|transported lifted|raised|hoisted
dropped|lowered|released planned|prepared|arranged cancelled|scrapped|abandoned funded|financed|sponsored
taxed|charged|levied questioned|doubted|challenged confirmed|verified|corroborated denied|disputed|contradicted
replaced|exchanged|substituted stored|kept|stocked wrecked|ruined|destroyed rebuilt|reconstructed|renewed
joined|merged|united divided|split|parted recorded|logged|noted signed|initialled|ratified leased|rented|hired
flooded|soaked|drenched buried|entombed|interred hid|concealed|masked rescued|saved|recovered""".split()

TOPICS = {
    "harbour": """quay|wharf|pier crane|hoist|derrick ferry|vessel|ship cargo|freight|load tide|current|swell buoy|marker|beacon
anchor|mooring|chain captain|skipper|master crew|sailors|hands trawler|boat|craft dock|basin|berth
lighthouse|lamp|light rope|cable|line hull|keel|frame pilot|guide|helmsman net|mesh|seine catch|haul|landing
customs|tariffs|duties""",
    "school": """pupil|student|learner teacher|tutor|instructor classroom|schoolroom|study lesson|class|course
timetable|schedule|roster exam|test|assessment canteen|kitchen|refectory gymnasium|hall|gym
headmaster|principal|head textbook|manual|reader fee|charge|payment playground|yard|court library|archive|stacks
bus|coach|shuttle uniform|dress|outfit choir|chorus|ensemble grade|mark|score parent|guardian|carer""",
    "mine": """shaft|pit|tunnel miner|digger|collier seam|vein|layer ore|metal|mineral lamp|lantern|torch pump|drain|siphon
gas|vapour|fumes cage|lift|elevator timber|prop|beam wage|salary|pay helmet|hat|cap geologist|surveyor|expert
slag|waste|spoil cart|wagon|truck blast|explosion|charge owner|proprietor|holder licence|permit|concession
dust|powder|grit""",
    "museum": """painting|canvas|picture statue|sculpture|bust curator|keeper|custodian visitor|guest|tourist gallery|wing|room
frame|border|mount theft|robbery|burglary alarm|siren|bell vase|urn|jar donor|patron|benefactor
catalogue|register|inventory insurance|cover|policy ticket|pass|entry guard|warden|watchman
portrait|likeness|image collector|buyer|dealer exhibit|display|show""",
    "forest": """tree|trunk|stem ranger|forester|warden fire|blaze|flames path|trail|track deer|stag|elk fence|barrier|railing
sawmill|mill|plant beetle|insect|pest hunter|shooter|stalker hut|cabin|lodge stream|brook|creek
meadow|clearing|pasture seedling|sapling|shoot drought|dryness|heat helicopter|aircraft|chopper
moss|fern|bracken log|board|plank owl|hawk|falcon""",
    "bank": """loan|credit|advance branch|office|bureau cashier|teller|clerk vault|safe|strongroom interest|rate|yield
debt|liability|arrears customer|client|depositor audit|review|inspection fraud|deception|swindle
merger|takeover|union shareholder|investor|owner bond|note|paper profit|surplus|gain bonus|premium|reward
regulator|supervisor|watchdog account|ledger|book currency|money|coin""",
    "railway": """train|express|locomotive platform|stop|halt signal|semaphore|switch driver|engineer|motorman track|rail|line
passenger|traveller|commuter tunnel|underpass|gallery bridge|viaduct|crossing conductor|guard|inspector
carriage|coach|wagon strike|walkout|stoppage timetable|schedule|plan brake|stopper|damper station|terminus|depot
fare|price|ticket sleeper|tie|beam""",
    "clinic": """nurse|carer|orderly surgeon|doctor|physician ward|unit|department patient|invalid|case vaccine|serum|jab
infection|illness|disease ambulance|van|vehicle bed|cot|bunk pharmacy|dispensary|chemist scanner|machine|device
wound|injury|cut operation|procedure|surgery corridor|passage|aisle syringe|needle|lancet
complaint|grievance|objection director|manager|chief oxygen|air|supply""",
    "stadium": """striker|forward|attacker coach|trainer|manager referee|umpire|official goal|score|point fan|supporter|follower
pitch|field|turf stand|terrace|tribune injury|knock|strain contract|deal|agreement league|division|championship
trophy|cup|prize penalty|sanction|fine captain|leader|skipper transfer|move|switch crowd|audience|spectators
whistle|call|signal""",
    "farm": """tractor|machine|vehicle barn|shed|stable harvest|crop|yield cow|cattle|herd farmer|grower|planter
orchard|grove|garden fertiliser|manure|compost seed|grain|kernel hail|storm|frost subsidy|grant|aid
well|spring|borehole fence|hedge|wall vet|doctor|healer plough|harrow|cultivator silo|bin|granary
auction|sale|market apple|pear|plum soil|earth|ground""",
}
NOUNS = {topic: words.split() for topic, words in TOPICS.items()}
PLACES = """behind|beyond near|beside|alongside inside|within outside|opposite above|over below|beneath before|facing
along|across""".split()
ROLES = """mayor|burgomaster spokesman|speaker|representative judge|magistrate minister|secretary
detective|investigator|inspector architect|designer|planner lawyer|attorney|solicitor professor|scholar|academic
reporter|correspondent|journalist baker|grocer treasurer|bursar captain|commander neighbour|resident|local
witness|onlooker|bystander councillor|alderman""".split()
SAID = """said|stated|declared explained|clarified|reported added|continued|went_on insisted|maintained|stressed
admitted|conceded|acknowledged argued|contended|reasoned recalled|remembered
told_us|told_reporters|let_it_be_known estimated|reckoned|calculated""".split()
WHEN = """on_Monday|on_Tuesday on_Wednesday_morning|on_Thursday_evening at_dawn|at_daybreak around_noon|at_midday
after_midnight|past_midnight last_week|a_week_ago this_spring|in_spring during_the_night|overnight
in_the_afternoon|after_lunch within_hours|hours_later two_days_ago|the_day_before_yesterday
for_months|over_several_months since_autumn|since_last_autumn""".split()
LINKS = """because|since|as although|though|even_though while|whereas after|once before|until so_that|in_order_that
unless|except_if""".split()
HOW = """quickly|swiftly|rapidly quietly|discreetly|silently openly|publicly barely|hardly|scarcely
nearly|almost|virtually often|frequently|regularly again|anew|once_more finally|eventually|at_last
partly|partially|in_part wrongly|mistakenly|in_error""".split()

PATTERNS = """the {a} {n} {h} {v} the {n} {w}
{who} {s} {w} that the {n} of {place} had {h} {v} a {a} {n}
{w} {who} {v} the {a} {n} {p} the {n}
no {n} {v} the {n} {l} {person} {v} its {a} {n}
{l} the {n} {v} {num} {a} {n}s , {who} {h} {v} the {n}
some {num} {n}s {p} {place} were {v} {w} , {s} {who}
a {a} {n} {p} the {a} {n} {v} {person} {w}
{who} , whose {n} {v} {place} , {h} {v} its {a} {n}
what {v} the {n} {w} was a {a} {n} , {s} {person}
neither the {n} nor the {a} {n} {v} {place} , {l} {who} {v} it
{org} {v} {num} {n}s {w} {l} the {a} {n} {v} a {n}
{org} has {h} {v} every {a} {n} {p} {place}
for {person} the {n} was {a} , {l} {org} {v} her {n}
there was {h} a {a} {n} {p} {place} {l} the {n} {v} it
{num} {a} {n}s and one {n} were {h} {v} {p} the {n}
to {who} a {n} that {v} {org} looked {a} {w}
its {n} , {a} and {a} , {h} {v} the {n} of {place}
{w} {org} {s} it {v} {num} {n}s {p} a {a} {n}
{person} {s} the {n} {v} her {l} {org} {v} each {n}
anyone whose {n} was {v} {w} got {num} {n}s from {org}
{place} {v} the {a} {n} {w} and {h} {v} its {n}
between {place} and the {n} , {who} {v} a {a} {n}
under a {a} {n} {org} {h} {v} any {n} {p} {place}
with {num} {n}s {v} , {who} {h} {v} both {a} {n}s
{l} {person} {v} the {n} , a {a} {n} {v} {org} {w}
{who} {h} {v} how the {n} {v} {num} {a} {n}s
instead of the {n} , {org} {v} {who} and a {a} {n}
this {n} {v} {place} {h} , {s} {who} , {l} a {n} {v} it
many a {n} {p} {place} {v} its {a} {n} {w}
the {n} , {v} {w} by {org} , {h} {v} {num} {n}s
at the {a} {n} {p} {place} {person} {v} her {n}
only {num} of the {n}s {v} {place} , {who} {s} {w}
whether the {a} {n} {v} its {n} , {org} {h} {s} {w}
such a {n} {h} {v} {who} {l} {place} {v} its {n}
more than {num} {n}s {v} the {a} {n} of {org}""".splitlines()

SYLLABLES = "bar dol fen gar hul jor kel lim mor nal ost pel quin ros sar tam ulm ver wex yar zel bri cra dru".split()
ENDINGS = "burg den field gate ham ley mouth ness port stad ton wick".split()
FURNITURE = """Subscribe to the {outlet} newsletter and never miss a story.
Read more: all our reports from the region in one place.
Follow {outlet} for live coverage, pictures and opinion.
This page of {outlet} was updated by the night desk.
Have you seen something? Write to the newsroom of {outlet}.
Comments on this article are closed, says {outlet}.""".splitlines()

GROUPS: dict[str, list[str]] = {}
for _group in (
    g.replace("_", " ").split("|") for g in [*ADJECTIVES, *VERBS, *PLACES, *ROLES, *SAID, *WHEN, *LINKS, *HOW]
):
    for _word in _group:
        GROUPS.setdefault(_word, [w for w in _group if w != _word])
for _nouns in NOUNS.values():
    for _group in (g.split("|") for g in _nouns):
        for _word in _group:
            GROUPS.setdefault(_word, [w for w in _group if w != _word])

# A sentence is a list of tokens; a token may be several words that are exchanged as one.
Sentence = list[str]


@dataclass
class Article:
    """A node of a lineage while it is made."""

    name: str
    level: str
    sentences: list[Sentence]
    parents: list[str] = field(default_factory=list)
    outlet: str = ""
    credit: str | None = None
    moment: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    published: str | None = None


def invented(rng: random.Random) -> str:
    return (rng.choice(SYLLABLES) + rng.choice(SYLLABLES) * (rng.random() < 0.4) + rng.choice(ENDINGS)).capitalize()


@dataclass
class Event:
    """What all reports of one event share: its topic, people, places, bodies and figures."""

    topic: str
    people: list[str]
    places: list[str]
    bodies: list[str]
    figures: list[str]

    @classmethod
    def made(cls, rng: random.Random) -> Event:
        def person() -> str:
            return f"{(rng.choice(SYLLABLES) + 'a').capitalize()} {invented(rng)}"

        return cls(
            rng.choice(sorted(TOPICS)),
            [f"{person()}" for _ in range(5)],
            [invented(rng) for _ in range(5)],
            [f"{invented(rng)} {rng.choice(['Board', 'Trust', 'Company', 'Union', 'Guild'])}" for _ in range(3)],
            [str(rng.randrange(12, 4000)) for _ in range(8)],
        )


def word(rng: random.Random, groups: list[str]) -> str:
    return rng.choice(rng.choice(groups).split("|")).replace("_", " ")


def sentence(rng: random.Random, event: Event) -> Sentence:
    """One sentence of somebody's own."""
    fill = {
        "a": lambda: word(rng, ADJECTIVES),
        "n": lambda: word(rng, NOUNS[event.topic]),
        "n}s": lambda: word(rng, NOUNS[event.topic]),
        "v": lambda: word(rng, VERBS),
        "h": lambda: word(rng, HOW),
        "p": lambda: word(rng, PLACES),
        "w": lambda: word(rng, WHEN),
        "l": lambda: word(rng, LINKS),
        "s": lambda: word(rng, SAID),
        "who": lambda: f"the {word(rng, ROLES)}" if rng.random() < 0.6 else rng.choice(event.people),
        "person": lambda: rng.choice(event.people) if rng.random() < 0.5 else f"a {word(rng, ROLES)}",
        "place": lambda: rng.choice(event.places),
        "org": lambda: rng.choice(event.bodies),
        "num": lambda: rng.choice(event.figures) if rng.random() < 0.5 else str(rng.randrange(2, 900)),
    }
    tokens = []
    for part in rng.choice(PATTERNS).split():
        plural = part.endswith("s") and part.startswith("{")
        name = part.strip("{}s") if plural and part != "{s}" else part.strip("{}")
        value = fill[name]() if part.startswith("{") else part
        tokens.append(value + ("s" if plural and part != "{s}" and not value.endswith("s") else ""))
    return tokens


def own(rng: random.Random, event: Event, count: int) -> list[Sentence]:
    return [sentence(rng, event) for _ in range(count)]


# -- operators: sentences -> sentences


def edited(rng: random.Random, text: list[Sentence], rate: float) -> list[Sentence]:
    """Words exchanged within their groups, at this rate over all words."""
    return [[rng.choice(g) if rng.random() < rate and (g := GROUPS.get(t)) else t for t in s] for s in text]


def joined(rng: random.Random, text: list[Sentence], rate: float) -> list[Sentence]:
    """Neighbouring sentences made one."""
    found: list[Sentence] = []
    for s in text:
        if found and rng.random() < rate and len(found[-1]) < 30:
            found[-1] = [*found[-1], rng.choice([",", ";", "and", ", and", "but"]), *s]
        else:
            found.append(s)
    return found


def parted(rng: random.Random, text: list[Sentence], rate: float) -> list[Sentence]:
    """Sentences parted at a comma."""
    found: list[Sentence] = []
    for s in text:
        at = [k for k, t in enumerate(s) if t == "," and 3 < k < len(s) - 4]
        if at and rng.random() < rate:
            found += [s[: at[0]], s[at[0] + 1 :]]
        else:
            found.append(s)
    return found


def dropped(rng: random.Random, text: list[Sentence], rate: float) -> list[Sentence]:
    return [s for s in text if rng.random() >= rate] or text[:1]


def strewn(rng: random.Random, text: list[Sentence], more: list[Sentence]) -> list[Sentence]:
    """More sentences put in at random places."""
    text = list(text)
    for s in more:
        text.insert(rng.randrange(len(text) + 1), s)
    return text


def reordered(rng: random.Random, text: list[Sentence]) -> list[Sentence]:
    """Blocks of two to four sentences in another order."""
    blocks = []
    while text:
        size = rng.randrange(2, 5)
        blocks.append(text[:size])
        text = text[size:]
    rng.shuffle(blocks)
    return [s for block in blocks for s in block]


def cut(rng: random.Random, event: Event, text: list[Sentence]) -> list[Sentence]:
    return edited(rng, text[: max(4, round(len(text) * rng.uniform(0.35, 0.7)))], 0.02)


def copy(rng: random.Random, event: Event, text: list[Sentence]) -> list[Sentence]:
    return edited(rng, text, 0.01)


def style(rng: random.Random, event: Event, text: list[Sentence]) -> list[Sentence]:
    return strewn(rng, edited(rng, parted(rng, text, 0.1), 0.1), own(rng, event, rng.randrange(0, 4)))


def heavy(rng: random.Random, event: Event, text: list[Sentence]) -> list[Sentence]:
    text = parted(rng, joined(rng, dropped(rng, text, 0.2), 0.2), 0.2)
    return strewn(rng, edited(rng, reordered(rng, text), 0.28), own(rng, event, rng.randrange(0, 10)))


def update(rng: random.Random, event: Event, text: list[Sentence]) -> list[Sentence]:
    kept = [[str(int(t) + 1) if t.isdigit() and rng.random() < 0.2 else t for t in s] for s in dropped(rng, text, 0.1)]
    return own(rng, event, rng.randrange(2, 6)) + edited(rng, kept, 0.03)


def excerpt(rng: random.Random, event: Event, text: list[Sentence]) -> list[Sentence]:
    size = min(len(text), rng.randrange(5, 9))
    at = rng.randrange(len(text) - size + 1)
    taken = edited(rng, text[at : at + size], 0.04)
    host = own(rng, event, rng.randrange(14, 22))
    place = rng.randrange(3, len(host) - 2)
    return [*host[:place], *taken, *host[place:]]


OPERATORS = {"copy": copy, "cut": cut, "style": style, "heavy": heavy, "update": update, "excerpt": excerpt}


def written(text: list[Sentence]) -> str:
    """Prose in paragraphs of two or three sentences."""
    lines = []
    for s in text:
        prose = " ".join(s).replace(" ,", ",").replace(" ;", ";")
        lines.append(prose[0].upper() + prose[1:] + ".")
    return "\n\n".join(" ".join(lines[k : k + 3]) for k in range(0, len(lines), 3))


# -- stories


def moment(rng: random.Random, article: Article, before: datetime) -> str | None:
    """A date as outlets give it: 3 % have none, 10 % a bare day, 2 % an impossible one, 1 % one before the source's."""
    x = rng.random()
    if x < 0.03:
        return None
    if x < 0.13:
        return article.moment.date().isoformat()
    if x < 0.14:
        return "1970-01-01T00:00:00Z"
    if x < 0.15:
        return article.moment.replace(year=2061).isoformat()
    if x < 0.16:
        return (before - timedelta(hours=rng.uniform(1, 20))).isoformat(timespec="minutes")
    zone = timezone(timedelta(hours=rng.choice([-5, 0, 1, 2])))
    return article.moment.astimezone(zone).isoformat(timespec="minutes")


def story(number: int, seed: int, exact: bool = False) -> Story:
    """One story; `exact` gives every article its true time (everything else stays the same)."""
    rng = random.Random(f"{seed}/{number}")
    event = Event.made(rng)
    start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randrange(8000))
    outlets = [
        f"{invented(rng)} {rng.choice(['Courier', 'Post', 'Herald', 'Radio', 'Mail', 'Echo'])}" for _ in range(30)
    ]
    outlets = list(dict.fromkeys(outlets))
    rng.shuffle(outlets)
    articles: list[Article] = []

    def add(level: str, text: list[Sentence], parents: list[Article]) -> None:
        after = max((p.moment for p in parents), default=start)
        later = timedelta(hours=min(60.0, rng.lognormvariate(1.3, 0.9)) + 0.2)
        made = Article(f"{len(articles):02d}.txt", level, text, [p.name for p in parents], outlets[len(articles)])
        made.moment = after + later if parents else start + timedelta(hours=rng.uniform(0, 12))
        made.credit = parents[0].outlet if parents and rng.random() < 0.3 else None
        made.published = moment(rng, made, after)
        articles.append(made)

    sources = rng.choice([1, 1, 2])
    for _ in range(sources):
        add("source", own(rng, event, rng.randrange(18, 34)), [])
    for _ in range(rng.randrange(4, 11)):
        if sources == 2 and rng.random() < 0.12:
            left, right = ([*edited(rng, dropped(rng, articles[k].sentences, 0.4), 0.08)] for k in (0, 1))
            add("merger", reordered(rng, left + right), articles[:2])
            continue
        whole = [a for a in articles if a.level != "excerpt"]
        parent = rng.choice(whole[:sources]) if rng.random() < 0.6 else rng.choice(whole)
        level = rng.choices(list(OPERATORS), [2, 3, 3, 3, 2, 1])[0]
        add(level, OPERATORS[level](rng, event, parent.sentences), [parent])
    for _ in range(rng.randrange(1, 4)):
        add("independent", own(rng, event, rng.randrange(14, 28)), [])
    if exact:
        for a in articles:
            a.published = a.moment.isoformat(timespec="seconds")
    return _told(number, rng, articles)


def _told(number: int, rng: random.Random, articles: list[Article]) -> Story:
    """The story as a reader meets it: some sources hidden, some articles in between, too."""
    parents = {a.name: list(a.parents) for a in articles}
    children = Counter(p for ps in parents.values() for p in ps)
    hidden: set[str] = set()
    for a in articles:
        if a.level == "source" and children[a.name] and rng.random() < 0.3:
            hidden.add(a.name)
            for ps in parents.values():
                ps[:] = [f"unseen:{a.name}" if p == a.name else p for p in ps]
        elif a.parents and children[a.name] == 1 and rng.random() < 0.15:
            hidden.add(a.name)
            for ps in parents.values():
                ps[:] = [q for p in ps for q in (parents[a.name] if p == a.name else [p])]
    shown = [a for a in articles if a.name not in hidden]
    documents = []
    for a in shown:
        text = written(a.sentences)
        if a.credit:
            text += f"\n\nFirst reported by {a.credit}." if rng.random() < 0.5 else f"\n\nReporting: {a.credit}"
        if rng.random() < 0.5:
            text += "\n\n" + "\n\n".join(f.format(outlet=a.outlet) for f in rng.sample(FURNITURE, rng.randrange(1, 4)))
        documents.append(Document(a.name, text, None, a.published, a.outlet))
    return Story(
        f"synthetic-{number:04d}",
        tuple(documents),
        {a.name: tuple(dict.fromkeys(parents[a.name])) for a in shown},
        {a.name: a.level for a in shown},
        {},
    )


def save(folder: Path, made: Story) -> None:
    """A story as files, in the form of fixtures/."""
    place = folder / made.name
    place.mkdir(parents=True, exist_ok=True)
    truth = [f"title = {json.dumps(made.name)}", ""]
    for d in made.documents:
        (place / d.id).write_text(d.text + "\n", encoding="utf-8")
        truth += ["[[article]]", f'file = "{d.id}"', f"parents = {json.dumps(list(made.parents[d.id]))}"]
        truth += [f'level = "{made.levels[d.id]}"', ""]
    (place / "truth.toml").write_text("\n".join(truth), encoding="utf-8")
    with (place / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "title", "published", "source", "url"])
        rows.writerows([d.id, "", d.published or "", d.source, ""] for d in made.documents)


# -- the table

COLUMNS = ("exact dates", "dates with errors", "without dates", "texts alone")


def table(runs: list[dict[str, Any]]) -> str:
    from derive.report.scores import figure

    lines = [f"| | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    drawn = [run["lineage"] for run in runs]
    none = "stories that have none and are said to have one"
    rows: list[tuple[str, list[dict[str, Any]]]] = [
        ("parents found", [r["parents"] for r in drawn]),
        *((f"- {level}", [r["parents by level"][level] for r in drawn]) for level in drawn[0]["parents by level"]),
        ("wrong arrows", [r["arrows"]["wrong"] for r in drawn]),
        ("arrows stated at .9 or more, right", [r["arrows"]["right at .9 or more"] for r in drawn]),
        ("skeleton precision", [r["skeleton"]["precision"] for r in drawn]),
        ("skeleton recall", [r["skeleton"]["recall"] for r in drawn]),
        ("root right", [r["roots"]["right"] for r in drawn]),
        ("unseen source found", [r["unseen sources"]["found"] for r in drawn]),
        ("stories without one said to have one", [r["unseen sources"][none] for r in drawn]),
        ("number of origins right", [r["origins"]["number right"] for r in drawn]),
        ("origins exact", [r["origins"]["number and members right"] for r in drawn]),
        ("derived pairs called text or facts", [r["detection"]["relations"]["derived"]["said"] for r in runs]),
        ("independent pairs called text or facts", [r["detection"]["relations"]["independent"]["said"] for r in runs]),
    ]
    for name in drawn[0]["baselines"]:
        rows.append((f"rule: {name}: parents", [r["baselines"][name]["parents"] for r in drawn]))
        rows.append((f"rule: {name}: wrong arrows", [r["baselines"][name]["wrong"] for r in drawn]))
    return "\n".join([*lines, *(f"| {name} | " + " | ".join(map(figure, values)) + " |" for name, values in rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="the scores, for reliability_plot.py")
    parser.add_argument("--write", type=Path, help="write the stories as files and stop")
    options = parser.parse_args()
    made = [story(k, options.seed) for k in range(options.stories)]
    if options.write:
        for one in made:
            save(options.write, one)
        return
    exact = evaluate_stories([story(k, options.seed, exact=True) for k in range(options.stories)], each=False)
    scores = evaluate_stories(made, each=False)
    exact_run = exact["runs"]["with dates"]
    if options.json:
        scores["runs"]["with exact dates"] = exact_run
        whole = {
            "dataset": "synthetic",
            "documents": scores["documents"],
            "stories": len(made),
            "parts": {"all": scores},
        }
        options.json.write_text(json.dumps(whole, indent=1), encoding="utf-8")
    print(f"{scores['stories']} stories, {scores['documents']} articles, seed {options.seed}\n")
    print(table([exact_run, *(scores["runs"][name] for name in ("with dates", "without dates", "texts alone"))]))


if __name__ == "__main__":
    main()
