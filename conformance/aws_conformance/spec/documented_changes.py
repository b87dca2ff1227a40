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
# Some of these is in each of the sentences below, and in few others: most texts are read no further.
_WORDS = (
    "unchanged",
    "emain",
    "etain",
    "reserved",
    "keeps",
    "kept",
    "isting value",
    "isting setting",
    "urrent value",
    "urrent setting",
    "revious value",
    "revious setting",
    "stored value",
    "stored setting",
    "not changed",
    "not be changed",
    "n't change",
    "not modified",
    "not be modified",
    "not updated",
    "not be updated",
)
_UNSAID = (
    r"(?:do(?:es)? not|don't|isn't|aren't|is not|are not|not) (?:\w+ )?"
    r"(?:specif\w*|provid\w*|includ\w*|pass\w*|suppl\w*|set)|omit\w*|absent"
)
_STAYS = (
    r"unchanged|(?:not|n't) (?:be )?(?:changed?|modified|updated)|remains?|retain(?:s|ed)?|preserved?|kept"
    r"|keeps?|(?:existing|current|previous|stored) (?:values?|settings?)"
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
    if "not " not in text and "n't " not in text and "mit" not in text and "absent" not in text:
        return False
    return any(
        _RULE.search(sentence) and not _OTHERWISE.search(sentence) for sentence in _sentences(text, _WORDS)
    )


def is_repeatable(text: str) -> bool:
    """Whether a text says that the same request can be sent again, whatever came of the first."""
    return any(
        _REPEATABLE.search(sentence) and not _UNREPEATABLE.search(sentence)
        for sentence in _sentences(text, ("dempotent",))
    )


def _sentences(text: str, words: tuple[str, ...]) -> Iterator[str]:
    """The sentences that have any of some words, without markup."""
    for word in words:
        if word in text:
            break
    else:
        return
    for part in _SENTENCE.split(text):
        if any(word in part for word in words):
            yield " ".join(html.unescape(_MARKUP.sub(" ", part)).split())
