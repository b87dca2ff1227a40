# SPDX-License-Identifier: Apache-2.0
"""Secrets found in a text, however it spells them: escaped for JSON, XML and addresses, in hexadecimal, in
base64, in another case, over several lines, cut short.

It owns how a text is read for that, and where in it a secret stands. It refuses to know which texts are
secrets, and what is put in their places.
"""

from __future__ import annotations

import base64
import bisect
import functools
import json
import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

__all__ = ["SHORTEST_SECRET", "places_of", "possible_secrets"]

# Shorter texts stand everywhere by chance; replacing them would only garble what is shown.
SHORTEST_SECRET = 6
# One character in the spellings of JSON and of programs, of addresses, of HTML and XML; each of them may have
# been escaped again, by any number of backslashes, `25` or `amp;`.
_UNIT = re.compile(
    r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))"
    r"|%(?:25)*([0-9a-fA-F]{2})"
    r"|&(?:amp;)*(?:\#[xX]0*([0-9a-fA-F]{1,5})|\#0*([0-9]{1,6})|(quot|apos|lt|gt|amp));"
    r"|[+\r\n]",
    re.DOTALL,
)
_NAMED = {"quot": '"', "apos": "'", "lt": "<", "gt": ">", "amp": "&"}
# What a character after a backslash, or one by itself, is read as: lines are joined, a plus may be a blank.
_CONTROLS = {"n": "", "r": "", "\r": "", "\n": "", "t": "\t", "+": " "}
# What is behind a text that was cut: the rest of an escaped character, quotes, dots.
_CUT = re.compile(r"""(?:%[0-9a-fA-F]?|u?[0-9a-fA-F]{0,3}|&[#a-z0-9]{0,6})?["'\\]*\s*(?:\.\.\.|\Z)""")
# So much of a secret tells it apart from anything else.
_TELLING = 12
_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class _PlainReading:
    """What a text says without escapes; `starts` are places in it, and `origins` those in the text."""

    text: str
    folded: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text something stands that has this place in the reading."""
        return self._origin(start), self._origin(end - 1, behind=True)

    def _origin(self, place: int, *, behind: bool = False) -> int:
        index = bisect.bisect_right(self.starts, place) - 1
        within = self.origins[index] + place - self.starts[index]
        if not behind:
            return within
        # An escaped character ends where what comes after it begins.
        return self.origins[index + 1] if place + 1 == self.starts[index + 1] else within + 1


@dataclass(frozen=True, slots=True)
class _Form:
    """A secret as a reading may have it; `exact` where another case would be another text."""

    text: str
    folded: str
    exact: bool


def places_of(text: str, secrets: Iterable[str], *, cut: bool = True) -> tuple[tuple[int, int], ...]:
    """Where any of the secrets stands in a text, from and to, in order and apart from one another.

    A text that may have been `cut` has the beginning of a secret where it ends, and before dots.
    """
    if not text:
        return ()
    reading = _read(text)
    beginnings = _beginnings_in(reading)
    places = [
        reading.span(*place)
        for secret in _within(beginnings, secrets)
        for form in _forms(secret)
        for place in _occurrences(reading, form, beginnings, cut)
    ]
    apart: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return tuple(apart)


def possible_secrets(texts: Iterable[str], secrets: Iterable[str]) -> tuple[str, ...]:
    """The secrets of which a form, or its beginning, may stand in any of the texts."""
    beginnings = frozenset[str]().union(*(_beginnings_in(_read(text)) for text in texts))
    return tuple(_within(beginnings, secrets))


def _read(text: str) -> _PlainReading:
    parts: list[str] = []
    starts, origins = [0], [0]
    length = last = 0
    for unit in _UNIT.finditer(text):
        parts.append(text[last : unit.start()])
        length += unit.start() - last
        character = _character(unit)
        starts += (length, length + len(character))
        origins += (unit.start(), unit.end())
        parts.append(character)
        length += len(character)
        last = unit.end()
    parts.append(text[last:])
    starts.append(length + len(text) - last)
    origins.append(len(text))
    joined = "".join(parts)
    return _PlainReading(joined, _folded(joined), tuple(starts), tuple(origins))


def _character(unit: re.Match[str]) -> str:
    u, x, after, percent, hexadecimal, decimal, name = unit.groups()
    digits = u or x or percent or hexadecimal
    if digits or decimal:
        number = int(digits, 16) if digits else int(decimal)
        character = chr(number) if number < 0x110000 else "\ufffd"
        return " " if character == "+" else "" if character in "\r\n" else character
    if name:
        return _NAMED[name]
    return _CONTROLS.get(after or unit[0], after or unit[0])


def _folded(text: str) -> str:
    folded = text.lower()
    # A few letters have more in lower case than one.
    return folded if len(folded) == len(text) else "".join(letter.lower()[0] for letter in text)


def _beginnings_in(reading: _PlainReading) -> Set[str]:
    """All that a reading has of the length of the shortest secret."""
    text = reading.folded
    return {text[at : at + SHORTEST_SECRET] for at in range(len(text) - SHORTEST_SECRET + 1)}


def _within(beginnings: Set[str], secrets: Iterable[str]) -> Iterator[str]:
    """The secrets that may stand in a text with these beginnings.

    A target may have issued thousands of them; nearly none is in any text.
    """
    for secret in secrets:
        if len(secret) < SHORTEST_SECRET or not _beginnings(secret).isdisjoint(beginnings):
            yield secret


@functools.lru_cache(maxsize=8192)
def _beginnings(secret: str) -> frozenset[str]:
    return frozenset(form.folded[:SHORTEST_SECRET] for form in _forms(secret))


def _occurrences(
    reading: _PlainReading, form: _Form, beginnings: Set[str], cut: bool
) -> Iterator[tuple[int, int]]:
    start_of = form.folded[:SHORTEST_SECRET]
    if not start_of or (len(form.text) >= SHORTEST_SECRET and start_of not in beginnings):
        return
    within, sought = (reading.text, form.text) if form.exact else (reading.folded, form.folded)
    start = within.find(sought[:SHORTEST_SECRET])
    while start >= 0:
        end = start + min(len(start_of), len(sought))
        while end < len(within) and end - start < len(sought) and within[end] == sought[end - start]:
            end += 1
        if end - start == len(sought) or (cut and _is_cut(within, end, end - start, len(sought))):
            yield start, end
            start = end - 1
        start = within.find(sought[:SHORTEST_SECRET], start + 1)


def _is_cut(text: str, end: int, length: int, longest: int) -> bool:
    """Whether a beginning of a secret is what is left of it: whatever shows values shortens them.

    The most of a secret is one, whatever comes behind it.
    """
    return length >= max(_TELLING, longest // 2) or _CUT.match(text, end) is not None


# A target that issues tokens has issued thousands by the end of a run, and each is looked for every time.
@functools.lru_cache(maxsize=8192)
def _forms(secret: str) -> tuple[_Form, ...]:
    """What readings of a text have for a secret that stands in it.

    A word is a secret only as it is written; what has digits was made up, and means the same in any case.
    """
    content = secret.encode("utf-8", "surrogatepass")
    words = [secret, json.dumps(secret)[1:-1], quote(content, safe=""), quote_plus(content)]
    exact = _DIGIT.search(secret) is None
    forms = {_form(word, exact=exact) for word in words}
    codes = [content.hex()]
    if len(secret) >= SHORTEST_SECRET:
        codes += _base64_forms(content)
        # Of what is encoded twice the outer one begins with the inner one.
        codes += _base64_forms(base64.b64encode(content), (0,))
    forms |= {
        _form(code, exact=index > 0) for index, code in enumerate(codes) if len(code) >= SHORTEST_SECRET
    }
    return tuple(sorted(forms, key=lambda form: (len(form.text), form.text), reverse=True))


def _form(word: str, *, exact: bool) -> _Form:
    reading = _read(word)
    return _Form(reading.text, reading.folded, exact)


def _base64_forms(content: bytes, shifts: Iterable[int] = range(3)) -> Iterator[str]:
    """What is the same of base64 wherever in it something stands: at each of three places of a group."""
    for shift in shifts:
        # The first and the last group hold bits of what stands around.
        encoded = base64.b64encode(b"\0" * shift + content).decode("ascii").rstrip("=")
        inner = encoded[2 * shift - (shift > 1) : len(encoded) - ((len(content) + shift) % 3 > 0)]
        if len(inner) >= SHORTEST_SECRET:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
