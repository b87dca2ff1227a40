# SPDX-License-Identifier: Apache-2.0
"""Secrets in what is shown: known texts taken out of anything that was made of an exchange.

It owns the taking out; which texts are secrets, the protocol's masking tells.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Set

from ..protocols.masking import REDACTED, SHORTEST_SECRET, spellings

__all__ = ["possible_secrets", "without_secrets"]


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets, and without one's beginning where the text was cut."""
    if not text:
        return text
    beginnings = _beginnings_in(text)
    for secret in _within(beginnings, secrets):
        for form in _forms(secret):
            if form[:SHORTEST_SECRET] in beginnings or len(form) < SHORTEST_SECRET:
                text = text.replace(form, REDACTED)
        if len(secret) > SHORTEST_SECRET and secret[:SHORTEST_SECRET] in beginnings:
            text = _cut_short(text, secret)
    return text


def possible_secrets(texts: Iterable[str], secrets: Iterable[str]) -> tuple[str, ...]:
    """The secrets of which a form, or its beginning, may stand in any of the texts."""
    return tuple(_within(set().union(*map(_beginnings_in, texts)), secrets))


def _within(beginnings: Set[str], secrets: Iterable[str]) -> Iterator[str]:
    """The secrets that may stand in a text with these beginnings.

    A target may have issued thousands of them; nearly none is in any text.
    """
    for secret in secrets:
        if len(secret) < SHORTEST_SECRET or not _beginnings(secret).isdisjoint(beginnings):
            yield secret


def _beginnings_in(text: str) -> set[str]:
    """All that a text has of the length of the shortest secret."""
    return {text[at : at + SHORTEST_SECRET] for at in range(len(text) - SHORTEST_SECRET + 1)}


@functools.lru_cache(maxsize=8192)
def _beginnings(secret: str) -> frozenset[str]:
    return frozenset(form[:SHORTEST_SECRET] for form in _forms(secret))


# A target that issues tokens has issued thousands by the end of a run, and each is looked for every time.
@functools.lru_cache(maxsize=8192)
def _forms(secret: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((secret, json.dumps(secret)[1:-1], *spellings(secret))))


def _cut_short(text: str, secret: str) -> str:
    """The text without beginnings of the secret: whatever shows values shortens them, and may leave one."""
    start = text.find(secret[:SHORTEST_SECRET])
    while start >= 0:
        end = start
        while end < len(text) and end - start < len(secret) and text[end] == secret[end - start]:
            end += 1
        if end == len(text) or text.startswith(("...", '"...', "\\"), end):
            text = f"{text[:start]}{REDACTED}{text[end:]}"
        start = text.find(secret[:SHORTEST_SECRET], start + 1)
    return text
