"""What a notebook shows of a lineage: the sentences and the pictures; no script, no style sheet, every word escaped."""

from __future__ import annotations

import base64

from derive.model import Lineage
from derive.report.html import template
from derive.report.labels import count, printable, shorten
from derive.report.picture import Picture, families

MAX_STORIES = 5


def notebook(lineage: Lineage) -> str:
    """The sentences, and the drawings of the largest stories."""
    from markupsafe import escape

    from derive.report.summary import headline_sentences

    sentences = " ".join(printable(sentence) for sentence in headline_sentences(lineage) if sentence)
    pictures = families(lineage).pictures
    shown = [f"<p>{escape(sentences)}</p>"]
    shown += [_image(picture, number) for number, picture in enumerate(pictures[:MAX_STORIES], 1)]
    if len(pictures) > MAX_STORIES:
        shown.append(f"<p>{count(len(pictures) - MAX_STORIES, 'smaller story', 'smaller stories')} not shown here.</p>")
    return f"<div>{''.join(shown)}</div>"


def _image(picture: Picture, number: int) -> str:
    """A drawing as an image of its own: neither can its style reach the notebook, nor the notebook's reach it."""
    from markupsafe import escape

    from derive.report.drawing import in_words
    from derive.report.svg import story_svg

    svg = story_svg(picture, f"story-{number}", f"Story {number}", ". ".join(in_words(picture)))
    styled = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        ">", f"><style>{_style()}</style>", 1
    )
    data = base64.b64encode(styled.encode(errors="replace")).decode()
    words = shorten(". ".join(in_words(picture)), 400)
    return f'<img alt="{escape(words)}" src="data:image/svg+xml;base64,{data}">'


def _style() -> str:
    """The colours and the drawing's looks, without the page's."""
    return template("lineage.css")
