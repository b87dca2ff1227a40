# SPDX-License-Identifier: Apache-2.0
"""Writes the pinned Unicode table that spec/patterns reads.

It owns where the table comes from (the `unicodedata` module of a Python that carries Unicode 14.0, which
is Python 3.11) and how it is spelled. The table is committed, so that translations of `\\p{..}` don't
change with the Python that reads them. Run it as `python3.11 tools/make_unicode.py`.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

VERSION = "14.0.0"
TABLE = Path(__file__).parents[1] / "conformance/aws_conformance/data/unicode-14.json"


def code_points() -> Iterator[int]:
    """Every Unicode scalar value: surrogates are no characters, and no well-formed text holds one."""
    yield from range(0xD800)
    yield from range(0xE000, 0x110000)


def spelled(points: Iterable[int]) -> str:
    """Ranges of hexadecimal code points, such as `41-5a aa b5`."""
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return " ".join(f"{low:x}" if low == high else f"{low:x}-{high:x}" for low, high in ranges)


def table() -> dict[str, object]:
    """General categories at the pinned version, and the code points whose category never changed.

    `settled` compares with Unicode 3.2, the oldest that Python carries: whichever version an engine
    was built with, it gives these code points the category that the table gives them.
    """
    categories: dict[str, list[int]] = {}
    settled = []
    for point in code_points():
        category = unicodedata.category(chr(point))
        if category != "Cn":
            categories.setdefault(category, []).append(point)
            if unicodedata.ucd_3_2_0.category(chr(point)) == category:
                settled.append(point)
    return {
        "unicode": VERSION,
        "categories": {name: spelled(categories[name]) for name in sorted(categories)},
        "settled": spelled(settled),
    }


def main() -> int:
    if unicodedata.unidata_version != VERSION:
        print(f"This Python carries Unicode {unicodedata.unidata_version}; run Python 3.11.", file=sys.stderr)
        return 2
    TABLE.write_text(json.dumps(table(), indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
