# SPDX-License-Identifier: Apache-2.0
"""CSV files as Amazon Cognito imports them: columns and rows become bytes.

It owns the form (every column, commas escaped by a backslash, no quotes, UTF-8) and the ways to be odd in
it. It refuses to know what the columns mean.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["csv_bytes"]

# The longest value of an attribute.
_LONGEST = 2_048


def csv_bytes(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    *,
    before: str = "",
    width: int = 0,
    pad: Sequence[str] = (),
) -> bytes:
    """A header and rows; a column that a row lacks is empty.

    `before` is text in front of the header. With `width`, each row is made that many characters long by
    filling the columns of `pad`, as far as attributes may be long.
    """
    text = io.StringIO()
    text.write(before)
    text.write(_line(columns, dict(zip(columns, columns, strict=True))))
    for row in rows:
        full = dict(row)
        missing = width - _length(columns, full)
        for name in pad:
            if missing > 0 and name in columns:
                value = full.get(name, "")
                more = max(0, min(missing, _LONGEST - len(value)))
                full[name] = value + "a" * more
                missing -= more
        text.write(_line(columns, full))
    return text.getvalue().encode("utf-8")


def _line(columns: Sequence[str], row: Mapping[str, str]) -> str:
    return ",".join(row.get(column, "").replace(",", "\\,") for column in columns) + "\n"


def _length(columns: Sequence[str], row: Mapping[str, str]) -> int:
    """The characters of a row in the file, without its end."""
    return len(_line(columns, row)) - 1
