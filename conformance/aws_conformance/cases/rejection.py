# SPDX-License-Identifier: Apache-2.0
"""A refused request, and what can be read in its refusal: what it names, what it shows, what it offers.

It owns the reading of a refusal's text. It refuses to know what is tried next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..http import Response
from .api_words import words_of

__all__ = ["Rejection", "mentions", "offers_in", "plain_text", "sent_at", "shows", "texts_in"]

_LISTED = re.compile(r"\[([^\[\]]{1,2000})\]|\(([^()]{1,500})\)")
_QUOTED = re.compile(r"['\"`]([^'\"`]{1,100})['\"`]")
_OFFER = re.compile(
    r"(?i)(?:one of|values? (?:are|is)|valid values?|enum value set|allowed|supported|must be|either|expected"
    r"|should be|start(?:s)? with|begin with|must contain|choose)(.{1,1500})", re.DOTALL
)  # fmt: skip
_NO_OFFER = frozenset(
    {"required", "specified", "provided", "valid", "invalid", "null", "not", "empty", "non-empty", "the"}
)
_WORD = re.compile(r"[A-Za-z0-9_.:/@+-]{2,80}")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refused request: code, message and status of the answer, the document that was sent, the answer."""

    status: int
    code: str
    message: str
    sent: Any = None
    response: Response | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """Code and message."""
        return f"{self.code} {self.message}"

    @property
    def key(self) -> str:
        """What stays the same when the same refusal comes again."""
        message = self.message
        for text in sorted(texts_in(self.sent), key=len, reverse=True):
            if len(text) > 3:
                message = message.replace(text, "#")
        return f"{self.status} {self.code} {re.sub(r'[0-9a-f-]{8,}|[0-9]+', '#', message)[:200]}"

    @property
    def in_short(self) -> str:
        """Status, code and message, as reports say why an operation is not reached."""
        if not self.code:
            return f"{self.status}"
        return f"{self.status} {self.code}: {self.message}"[:160]

    def __str__(self) -> str:
        return f"{self.status} {self.text}".strip()[:200]


def mentions(text: str, name: str) -> bool:
    """Whether a text names a member, in whatever spelling: FunctionName, function_name, function names."""
    words = words_of(name)
    if len(words) == 1 and len(name) < 3:
        return False
    last = words[-1][:-1] if words[-1].endswith("s") and len(words[-1]) > 3 else words[-1]
    spelled = r"[ _-]?".join(map(re.escape, (*words[:-1], last)))
    if len(words) > 1 or len(name) > 9:
        return bool(re.search(rf"(?i)(?<![A-Za-z]){spelled}s?(?![a-z])", text))
    # A short common word in lower case is a word of the sentence, but where it is said to be missing.
    said_missing = rf"(?i)\b{spelled}s? (?:must be|is|are) (?:specified|provided|required|missing)\b"
    return bool(re.search(rf"(?<![A-Za-z]){spelled}s?(?![a-z])", text) or re.search(said_missing, text))


def plain_text(text: str) -> str:
    """The letters of a text, in lower case and run together."""
    return re.sub(r"[^a-z]", "", text.lower())


def offers_in(text: str) -> Iterator[str]:
    """Values that a text offers."""
    seen: set[str] = set()
    for match in _OFFER.finditer(text):
        tail = match[1]
        listed = _LISTED.search(tail)
        inner = next(filter(None, listed.groups()), "") if listed else tail
        quoted = _QUOTED.findall(inner)
        for word in [*quoted, *_WORD.findall(inner)]:
            word = word.strip(".,:")
            if word and word not in seen and word.lower() not in _NO_OFFER:
                seen.add(word)
                yield word


def shows(refusal: Rejection, path: tuple[str, ...]) -> bool:
    """Whether a refusal's message has the text that was sent at a place."""
    value = sent_at(refusal.sent, path)
    return isinstance(value, str) and len(value) > 3 and value in refusal.message


def sent_at(document: Any, path: tuple[str, ...]) -> Any:
    """What a document has at a place, of a list in its first element; None where there is nothing."""
    for part in path:
        if part == "*" and isinstance(document, list):
            document = document[0] if document else None
        elif isinstance(document, Mapping):
            document = document.get(part)
        else:
            return None
    return document


def texts_in(document: Any) -> Iterator[str]:
    """All texts of a document that are values."""
    match document:
        case Mapping():
            for item in document.values():
                yield from texts_in(item)
        case list():
            for item in document:
                yield from texts_in(item)
        case str():
            yield document
        case _:
            pass
