# SPDX-License-Identifier: Apache-2.0
"""The import file: bytes become a header and rows, by Cognito's own rules rather than CSV's.

It owns the file's form. It refuses to know pools and what a row means (rows.py). Documented: UTF-8
without a byte-order mark; no quotes, a comma within a value is written `\\,`; whitespace around a
value does not count; all columns of the header are needed, in any order; at most 500,000 rows, each of
at most 16,000 characters.

Not documented, and chosen here: a file that breaks the rules of files fails the job, a row that breaks
the rules of rows fails alone. So a mark, bytes that are not UTF-8, an empty file, columns that are
missing, unknown or repeated, and too many rows fail the job; a row that is too long or has another
number of values than the header has columns fails as a row. Blank lines don't count. A backslash
before anything but a comma stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ROW_LENGTH_LIMIT", "ROW_LIMIT", "Sheet", "UnreadableError", "read", "split"]

ROW_LIMIT = 500_000
ROW_LENGTH_LIMIT = 16_000

_COMMA = re.compile(r"(?<!\\),")


class UnreadableError(Exception):
    """The file as a whole can't be imported; the text says why."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's columns in its order, and its rows as lines, still to be split."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]


def read(content: bytes, header: Iterable[str]) -> Sheet:
    """A file whose columns are those of `header`, each once, in any order.

    Raises UnreadableError if it can't be read as such.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableError("The file is not UTF-8.") from None
    if text.startswith("\ufeff"):
        raise UnreadableError("The file begins with a byte-order mark.")
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if line.strip()]
    if not lines:
        raise UnreadableError("The file is empty.")
    columns = split(lines[0])
    expected = set(header)
    if len(set(columns)) != len(columns):
        raise UnreadableError("The header has a column twice.")
    if missing := expected.difference(columns):
        raise UnreadableError(f"The header lacks {', '.join(sorted(missing))}.")
    if unknown := set(columns).difference(expected):
        raise UnreadableError(f"The header has the unknown {', '.join(sorted(unknown))}.")
    if len(lines) - 1 > ROW_LIMIT:
        raise UnreadableError(f"The file has more than {ROW_LIMIT} rows.")
    return Sheet(columns, tuple(lines[1:]))


def split(line: str) -> tuple[str, ...]:
    """The values of a line, trimmed, their escaped commas restored."""
    if "\\" not in line:
        return tuple(map(str.strip, line.split(",")))
    return tuple(value.replace("\\,", ",").strip() for value in _COMMA.split(line))
