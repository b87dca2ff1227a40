# SPDX-License-Identifier: Apache-2.0
"""The values that a model's text gives what has no enumeration: "Valid values: 1, 3, 5", a list of codes.

It owns the forms in which AWS's texts list them, and refuses to know who sends them.
"""

from __future__ import annotations

import html
import re

__all__ = ["documented_values"]

# A list of which each element begins with a value, and says what it is.
_ITEM = re.compile(r"<li>\s*(?:<p>)?\s*(?:<b>)?\s*<code>\s*([^<\s]{1,64})\s*</code>")
_HEAD = re.compile(
    r"(?i)\b(?:(?:valid|possible|allowed|supported|accepted) (?:values?|options?)"
    r"|(?:can|must|should) be one of|specify one of)\b[^.<:]{0,60}(?::|\b(?:are|is|includes?)\b)?"
)
# Some part of each of these heads, which nearly no text has.
_WORDS = ("alid ", "ossible ", "llowed ", "upported ", "ccepted ", " one of")
# Where the sentence after such words ends: "e.g. 1.5" has no blank behind its dots.
_END = re.compile(r"\.(?:\s|<|$)|</p>|<ul>|\(")
_CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>")
_BETWEEN = re.compile(r"\s*[|,;]\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+")
_VALUE = re.compile(r"[A-Za-z0-9_][\w.:/+-]{0,63}")
# Words that tell of a range, or of something else than values.
_RANGE = re.compile(
    r"(?i)\b(?:between|from|range|through|to|up to|characters?|less|greater|minimum|maximum)\b"
)
_FEWEST, _MOST = 2, 24


def documented_values(text: str) -> tuple[str, ...]:
    """The values that a text lists, in its order; none where it lists fewer than two."""
    if "<li>" not in text and not any(word in text for word in _WORDS):
        return ()
    items = dict.fromkeys(html.unescape(item) for item in _ITEM.findall(text))
    if len(items) >= _FEWEST:
        return tuple(items)[:_MOST]
    for head in _HEAD.finditer(text):
        end = _END.search(text, head.end())
        values = _in_sentence(text[head.end() : end.start() if end else len(text)])
        if len(values) >= _FEWEST:
            return values[:_MOST]
    return ()


def _in_sentence(sentence: str) -> tuple[str, ...]:
    """The values in what stands behind "valid values are"; none if that tells a range."""
    words = html.unescape(_MARKUP.sub("", sentence))
    if _RANGE.search(words):
        return ()
    codes = [html.unescape(_MARKUP.sub("", code)) for code in _CODE.findall(sentence)]
    parts = [part.strip().strip("\"'") for text in codes or [words] for part in _BETWEEN.split(text.strip())]
    values = [part for part in parts if part]
    return tuple(dict.fromkeys(values)) if all(map(_VALUE.fullmatch, values)) else ()
