# SPDX-License-Identifier: Apache-2.0
"""What a model's text says of changes: that what one does not speak of stays, that it can be repeated.

It owns the sentences in which AWS's texts say so. It refuses to know what a change is of.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

__all__ = ["is_repeatable", "leaves_unsaid"]

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
# What may be asked for again without a condition, and without a token that makes it the same.
_REPEATABLE = re.compile(
    r"(?i)\b(?:operation|action|api|[A-Z]\w+) is (?:an )?idempotent\b(?! (?:if|only|when|for|with|but))"
)
_UNREPEATABLE = re.compile(r"(?i)\bnot idempotent\b|\btoken\b|\bunless\b|\basynchronous\b|\bprovided\b")


def leaves_unsaid(text: str) -> bool:
    """Whether a text says that what is left out of a request keeps the value that it has."""
    if not any(word in text for word in _WORDS):
        return False
    return any(_RULE.search(sentence) and not _OTHERWISE.search(sentence) for sentence in _sentences(text))


def is_repeatable(text: str) -> bool:
    """Whether a text says that the same request can be sent again, whatever came of the first."""
    if "dempotent" not in text:
        return False
    return any(
        _REPEATABLE.search(sentence) and not _UNREPEATABLE.search(sentence) for sentence in _sentences(text)
    )


def _sentences(text: str) -> Iterator[str]:
    for part in _SENTENCE.split(text):
        yield " ".join(html.unescape(_MARKUP.sub(" ", part)).split())
