# SPDX-License-Identifier: Apache-2.0
"""Count which members AWS sent every time, over recorded answers, and write them as data with their counts.

Usage: mine_presence.py RECORDINGS.jsonl.gz... > conformance/aws_conformance/data/presence.json
A line of a recording is {"service", "operation", "instance"}, the output in the terms of our schemas.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from aws_conformance.checks.presence import Places, structures
from aws_conformance.errors import ConformanceError
from aws_conformance.spec.botocore import load_service

# A member counts as always sent if so many places had it, in so many different answers, and none lacked it.
_PLACES = 5
_ANSWERS = 3


def main(paths: list[str]) -> None:
    """Write the counts of all recordings to standard output, one operation a line."""
    mined = presence(line for path in paths for line in _lines(Path(path)))
    rows = [f"{json.dumps(name)}: {json.dumps(mined[name], sort_keys=True)}" for name in sorted(mined)]
    print("{\n" + ",\n".join(rows) + "\n}")


def presence(lines: Iterable[dict[str, Any]]) -> dict[str, Places]:
    """By operation and place of a structure, the optional members that were never missing."""
    visits: dict[tuple[str, str], int] = Counter()
    answers: dict[tuple[str, str], int] = Counter()
    members: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    optional: dict[tuple[str, str], frozenset[str]] = {}
    for line in lines:
        try:
            service = load_service(line["service"])
        except ConformanceError:
            continue
        operation = service.operations.get(line["operation"])
        if operation is None:
            continue
        here: set[tuple[str, str]] = set()
        for _, place, shape, document in structures(service, operation.output, line["instance"]):
            key = (f"{line['service']}:{line['operation']}", place)
            visits[key] += 1
            here.add(key)
            optional[key] = frozenset(shape.members) - frozenset(shape.required)
            members[key].update(
                # Clients put an empty map where no header has the prefix.
                name
                for name in document
                if name in shape.members and shape.members[name].location != "headers"
            )
        answers.update(here)
    mined: dict[str, Places] = {}
    for (name, place), count in visits.items():
        key = (name, place)
        always = {
            member: count
            for member, times in members[key].items()
            if times == count and member in optional[key]
        }
        if count >= _PLACES and answers[key] >= _ANSWERS and always:
            mined.setdefault(name, {})[place] = always
    return mined


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


if __name__ == "__main__":
    main(sys.argv[1:])
