# SPDX-License-Identifier: Apache-2.0
"""Texts of a target without what varies from one answer to the next, so that two of one cause are equal.

It owns what counts as varying: quoted values, numbers, identifiers, paths and what was sent. It refuses to
know what a text is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["generalised", "texts_in"]

_LONGEST = 2_000
_SHOWN = 160
_VARYING = re.compile(
    r"""
    \{\s*"(?:[^"\\]|\\.)*"\s*:.*                                          # a document, and what follows
    | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | `[^`]*`                       # quoted
    | \b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b              # an identifier
    | \barn:[^\s,;"']+ | https?://[^\s,;"']+                                # names and addresses
    | (?<![\w.])/(?:[\w.@+-]+/)+[\w.@+-]*                                   # a path
    | \b0x[0-9a-fA-F]+\b | \b(?=[0-9a-fA-F]*[0-9])[0-9a-fA-F]{8,}\b         # hexadecimal
    | \b(?=[\w-]*\d)[\w-]{16,}                                              # a made-up name
    | \[object\ \w+\] | (?<==)[\w$-]+                                        # a value, printed
    | [-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?                                   # a number
    """,
    re.VERBOSE,
)
# A shorter text that was sent may stand in any sentence.
_SHORTEST_SENT = 4


def generalised(text: str, sent: Iterable[str] = ()) -> str:
    """The text on one line with dots in place of whatever varies, `sent` included; cut if it is long."""
    line = " ".join(text[:_LONGEST].split())
    for value in sorted({item for item in sent if len(item) >= _SHORTEST_SENT}, key=len, reverse=True):
        line = line.replace(value, "...")
    return _VARYING.sub("...", line)[:_SHOWN].strip()


def texts_in(document: Any) -> Iterator[str]:
    """The texts of a document of JSON values, names of members left out."""
    match document:
        case str():
            yield document
        case dict():
            for item in document.values():
                yield from texts_in(item)
        case list():
            for item in document:
                yield from texts_in(item)
