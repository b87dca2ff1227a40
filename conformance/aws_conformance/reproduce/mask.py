# SPDX-License-Identifier: Apache-2.0
"""Secrets in what is shown: known texts taken out of anything that was made of an exchange.

It owns the taking out; which texts are secrets, the protocol's masking tells.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable

from ..protocols.masking import REDACTED, SHORTEST_SECRET, spellings

__all__ = ["without_secrets"]


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets, and without one's beginning where the text was cut."""
    if not text:
        return text
    beginnings = {text[at : at + SHORTEST_SECRET] for at in range(len(text) - SHORTEST_SECRET + 1)}
    for secret in secrets:
        for form in _forms(secret):
            # A target may have issued hundreds of them; nearly none is in any text.
            if form[:SHORTEST_SECRET] in beginnings or len(form) < SHORTEST_SECRET:
                text = text.replace(form, REDACTED)
        if len(secret) > SHORTEST_SECRET and secret[:SHORTEST_SECRET] in beginnings:
            text = _cut_short(text, secret)
    return text


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
