# SPDX-License-Identifier: Apache-2.0
"""Secrets in what is shown: known texts taken out of anything that was made of an exchange.

It owns the taking out; which texts are secrets, the protocol's masking tells, and how they may be spelled
protocols/spelled.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..protocols.masking import REDACTED
from ..protocols.spelled import places_of

__all__ = ["without_secrets"]


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets in any spelling, and without one's beginning where it was cut."""
    parts, last = [], 0
    for start, end in places_of(text, secrets):
        parts += [text[last:start], REDACTED]
        last = end
    return "".join([*parts, text[last:]])
