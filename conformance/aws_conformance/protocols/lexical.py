# SPDX-License-Identifier: Apache-2.0
"""Values that travel as text: in XML, forms, query strings, URIs and headers, read and written strictly.

It owns the lexical forms, by the kind of a shape. What has not the form of its shape is left as the text that
it is: the schema then says what is wrong with it, at its place, and nothing is read that a strict client
would refuse (`True`, ` 5`, `1_000`, `+1`, digits of other scripts).

Sources: Smithy's protocol specifications; XML Schema's lexical forms, of which AWS writes the canonical
ones; recorded answers for numbers (bare integers and exponents occur in floats).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from ..spec.shapes import (
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Shape,
    StructureShape,
    TimestampShape,
)
from ..spec.timestamps import timestamp_format

__all__ = ["is_scalar", "read_text", "write_text"]

_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,38})")
_FLOAT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_EPOCH = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?")


def is_scalar(shape: Shape) -> bool:
    """Whether a value of the shape can travel as one text."""
    return not isinstance(shape, StructureShape | ListShape | MapShape)


def read_text(shape: Shape, member: Member | None, text: str, protocol: str) -> Any:
    """The value that a text stands for in a shape; the text itself if it has not the shape's form.

    Timestamps stay text but for those in epoch seconds; blobs stay base64.
    """
    match shape:
        case BooleanShape():
            return {"true": True, "false": False}.get(text, text)
        case IntegerShape():
            return int(text) if _INTEGER.fullmatch(text) else text
        case FloatShape():
            if not _FLOAT.fullmatch(text):
                return text
            value = float(text)
            # A number beyond every float is no number that a client could hold.
            return text if math.isinf(value) else value
        case TimestampShape() if timestamp_format(shape, member, protocol) == "unixTimestamp":
            if not _EPOCH.fullmatch(text):
                return text
            return float(text) if "." in text else int(text)
        case _:
            return text


def write_text(value: Any) -> str:
    """How a value is written as text, whatever its shape would want: negatives are written so too."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case str():
            return value
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case int() | float():
            return repr(value)
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
