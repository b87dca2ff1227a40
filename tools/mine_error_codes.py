# SPDX-License-Identifier: Apache-2.0
"""Which code and status a service answers to which kind of fault, counted over recorded errors of AWS.

    python tools/mine_error_codes.py RECORDED-ERRORS.jsonl.gz [--seed N]

A line of a recording is {"service", "operation", "status", "code", "message"}. What kind of fault an error is
for is read from its message alone; an error whose message names none counts for nothing. Prints how well a
table that is made of a half predicts the other one, by service, and then the table of all.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

__all__ = ["Prediction", "code_table", "fault_of", "halves", "main", "predicted"]

Line: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = tuple[str, int]

# The first that a message fits decides; a group tells what it is about, where codes differ in that.
_FAULTS = (
    ("constraint", r"(?s)validation errors? detected.*failed to satisfy constraint"),
    ("malformed", r"(?:XML|JSON) you provided was not well-formed|_VALUE can not be converted"),
    ("exists", r"(?i)already exists?\b"),
    ("absent", r"(?i)\bthe specified (?P<about>[\w ]+?) does not exist"),
    ("absent", r"(?i)does(?: not|n't) exist|not found|can ?not (?:be found|find)|^no such|unable to find"),
    ("absent", r"Invalid (?:keyId|(?:Resource|API|Method|Model|Stage|Deployment) identifier)"),
    ("missing", r"(?i)must contain the parameter|\bis required\b|\bmust be specified\b|^missing\b"),
    ("parameter", r"(?i)^invalid parameter:|for parameter \S+ is invalid"),
    ("state", r"(?i)\bis in \S+ state\b|is pending deletion|invalid state for"),
)


def fault_of(message: str | None) -> str:
    """The kind of fault that a message names; the empty string where it names none that is known."""
    for name, pattern in _FAULTS:
        match = re.search(pattern, message or "")
        if match:
            about = match.groupdict().get("about") or ""
            return f"{name} {about}".strip().lower()
    return ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Of the errors of a service that name a fault: how many, how many the table knows, how many rightly."""

    named: int
    known: int
    right: int


def named(lines: Iterable[Line]) -> Iterator[tuple[tuple[str, str], Answer]]:
    """The errors that name a fault: service and fault, code and status."""
    for line in lines:
        fault = fault_of(line["message"])
        if fault:
            yield (line["service"], fault), (line["code"], line["status"])


def code_table(lines: Iterable[Line]) -> dict[tuple[str, str], Counter[Answer]]:
    """By service and fault, the codes and statuses that were recorded, with their counts."""
    table: dict[tuple[str, str], Counter[Answer]] = defaultdict(Counter)
    for key, answer in named(lines):
        table[key][answer] += 1
    return dict(table)


def halves(lines: Sequence[Line], seed: int) -> tuple[list[Line], list[Line]]:
    """Two halves of the lines, by a seed."""
    shuffled = list(lines)
    Random(seed).shuffle(shuffled)
    middle = len(shuffled) // 2
    return shuffled[:middle], shuffled[middle:]


def predicted(seen: Sequence[Line], others: Sequence[Line]) -> dict[str, Prediction]:
    """By service, how well what was seen predicts the others; what was never seen stays unknown."""
    table = code_table(seen)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for key, answer in named(others):
        count = counts[key[0]]
        count["named"] += 1
        if key in table:
            count["known"] += 1
            count["right"] += table[key].most_common(1)[0][0] == answer
    return {
        service: Prediction(*(count[word] for word in ("named", "known", "right")))
        for service, count in counts.items()
    }


def main() -> None:
    """Print the predictions and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with gzip.open(arguments.recording, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    by_service = predicted(*halves(lines, arguments.seed))
    for service, count in sorted(by_service.items()):
        print(f"{service}: {count.named} name a fault, {count.known} known, {count.right} right")
    known = sum(count.known for count in by_service.values())
    right = sum(count.right for count in by_service.values())
    print(f"in all: {right} of {known} known ({right / max(known, 1):.0%})\n")
    for (service, fault), answers in sorted(code_table(lines).items()):
        counted = (f"{code} {status} x{count}" for (code, status), count in answers.most_common())
        print(f"{service} {fault}: {', '.join(counted)}")


if __name__ == "__main__":
    main()
