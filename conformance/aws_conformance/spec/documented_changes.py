# SPDX-License-Identifier: Apache-2.0
"""Whether a model's text says that what a change does not speak of stays as it was.

It owns the sentences in which AWS's texts say so. It refuses to know what a change is of.
"""

from __future__ import annotations

import html
import re

__all__ = ["leaves_unsaid"]

_MARKUP = re.compile(r"<[^>]*>")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|</p>|</li>")
# Some part of each of the sentences below, which nearly no text has.
_WORDS = (
    "nchanged",
    "emain",
    "etain",
    "reserve",
    "keep",
    "isting",
    "urrent ",
    "leaves",
    "left ",
    "n't change",
)
_UNSAID = (
    r"(?:do(?:es)? not|don't|isn't|aren't|is not|are not|not) (?:\w+ )?"
    r"(?:specif\w*|provid\w*|includ\w*|pass\w*|suppl\w*|set)|omit\w*|absent"
)
_STAYS = (
    r"unchanged|(?:not|n't) (?:be )?(?:changed?|modified|updated)|remains?|retain(?:s|ed)?|preserved?|kept"
    r"|keeps?|(?:existing|current|previous|stored) (?:\w+ )?(?:values?|settings?)"
)
_RULE = re.compile(rf"(?i)\b(?:{_UNSAID})\b[^.]{{0,90}}?\b(?:{_STAYS})\b")
# What else may come of it, or when.
_OTHERWISE = re.compile(
    r"(?i)\b(?:defaults?|overw?rit\w*|replac\w*|remov\w*|delet\w*|clear\w*|reset\w*|unless|except|only if"
    r"|already|version)\b"
)


def leaves_unsaid(text: str) -> bool:
    """Whether a text says that what is left out of a request keeps the value that it has."""
    if not any(word in text for word in _WORDS):
        return False
    sentences = (" ".join(html.unescape(_MARKUP.sub(" ", part)).split()) for part in _SENTENCE.split(text))
    return any(_RULE.search(sentence) and not _OTHERWISE.search(sentence) for sentence in sentences)
