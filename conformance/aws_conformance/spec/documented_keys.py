# SPDX-License-Identifier: Apache-2.0
"""The keys that a model's text gives a map, which no shape tells: `USERNAME` and `PASSWORD` of one sign-in.

It owns the forms in which AWS's texts list them, and refuses to know who sends them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from .shapes import KeyExample

__all__ = ["documented_keys"]

_TERM = re.compile(r"<dt>(.*?)</dt>", re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>")
_REQUIRED = re.compile(r"<code>\s*([A-Za-z][\w.-]*)\s*</code>\s*\(required\)", re.IGNORECASE)
_KEY = re.compile(r"[\"']([A-Za-z][\w.-]*)[\"']\s*:")
# A key of one of several things is written as though it were a word of a path.
_SEVERAL = re.compile(r"\s*/\s*")


def documented_keys(name: str, text: str) -> tuple[KeyExample, ...]:
    """The sets of keys that the text about a map lists, each with what it stands under, in the text's order.

    Keys are those that are called required, and those of examples of the member in JSON.
    """
    if "(required)" not in text and f'"{name}"' not in html.unescape(text):
        return ()
    return tuple(dict.fromkeys(_examples(name, text)))


def _examples(name: str, text: str) -> Iterator[KeyExample]:
    example = re.compile(rf"[\"']{re.escape(name)}[\"']\s*:\s*\{{([^{{}}]*)\}}")
    parts = _TERM.split(text)
    for label, about in (("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)):
        plain = html.unescape(_MARKUP.sub("", about))
        sets = [
            tuple(_REQUIRED.findall(about)),
            *(tuple(_KEY.findall(inner)) for inner in example.findall(plain)),
        ]
        for term in _SEVERAL.split(_MARKUP.sub("", label).strip()):
            yield from (KeyExample(term, tuple(dict.fromkeys(keys))) for keys in sets if keys)
