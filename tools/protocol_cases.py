# SPDX-License-Identifier: Apache-2.0
"""Any folder of AWS protocol cases, run over all protocols in both directions.

    python -m tools.protocol_cases DIR [--deviations FILE]

A file of cases is a list of suites, as the botocore project publishes them: each with a small model of its
own (`metadata`, `shapes`, `given`), and a value beside a request (`params`, `serialized`) or a response
(`result` or `error`, `response`); or a Smithy model in JSON whose operations carry test cases, as the Smithy
project publishes them (smithy_cases.py). Either may be compressed by gzip. What is known not to be met stands
in the ledger, with reasons. Prints a line for each case that fails and `N passed, N failed, N skipped`;
exits 0 if none failed, else 1.

It owns the folder, the ledger and the outcome of a case. It refuses to know what a case says.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml
from tools.case_judging import Mismatch, Part, ProtocolCase, pair_mismatches
from tools.smithy_cases import malformed_mismatches, smithy_cases, stream_mismatches

from aws_conformance.spec.botocore import parse_service
from aws_conformance.spec.smithy import is_smithy

LEDGER = Path(__file__).parent.parent / "tests" / "protocols" / "known-deviations.yaml"


@dataclass(frozen=True, slots=True)
class Deviation:
    """A part of the cases whose ids a pattern fits that is known not to be met, and why."""

    pattern: str
    part: Part
    reason: str

    def covers(self, case: ProtocolCase, mismatch: Mismatch) -> bool:
        """Whether this says of a case that it is not met so."""
        return mismatch.part == self.part and fnmatchcase(case.id, self.pattern)


def read_cases(folder: Path) -> Iterator[ProtocolCase]:
    """All cases of the files in and below a folder, in the order of their paths."""
    for file in sorted((*folder.rglob("*.json"), *folder.rglob("*.json.gz"))):
        content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        raw, name = json.loads(content), str(file.relative_to(folder))
        if is_smithy(raw):
            yield from smithy_cases(name, raw["shapes"])
        elif isinstance(raw, list) and all(isinstance(suite, dict) and "cases" in suite for suite in raw):
            yield from cases_in(name, raw)
        else:
            print(f"{name} holds no cases.", file=sys.stderr)


def cases_in(file: str, suites: Sequence[Mapping[str, Any]]) -> Iterator[ProtocolCase]:
    """The cases of the suites of one file."""
    for number, suite in enumerate(suites, 1):
        for place, raw in enumerate(suite["cases"], 1):
            operation = raw["given"]
            # Older cases have no ids of their own.
            raw = {"id": f"{Path(file).stem}-{number}-{place}", **raw}
            model = {
                "metadata": suite["metadata"],
                "shapes": suite.get("shapes", {}),
                "operations": {operation["name"]: operation},
            }
            service = parse_service("protocol", model)
            yield ProtocolCase(file, service, service.operations[operation["name"]], raw)


def read_ledger(file: Path = LEDGER) -> tuple[Deviation, ...]:
    """The known deviations."""
    rows = yaml.safe_load(file.read_text("utf-8"))
    return tuple(Deviation(row["case"], row["part"], row["reason"]) for row in rows)


def mismatches(case: ProtocolCase) -> tuple[Mismatch, ...]:
    """The parts of a case that are not met, in both directions.

    Never raises: what a codec does not survive is not met.
    """
    judged = pair_mismatches
    if "malformed" in case.raw:
        judged = malformed_mismatches
    elif "stream" in case.raw:
        judged = stream_mismatches
    try:
        return tuple(judged(case))
    except Exception as error:
        return (Mismatch("codec", f"{type(error).__name__}: {error}"),)


def judge(case: ProtocolCase, ledger: Sequence[Deviation]) -> tuple[Mismatch, ...] | Deviation | None:
    """None for a case that passes; the deviation of one that is known not to; what is not met of others."""
    missed = mismatches(case)
    known = [row for row in ledger for mismatch in missed if row.covers(case, mismatch)]
    unknown = tuple(mismatch for mismatch in missed if not any(row.covers(case, mismatch) for row in ledger))
    if unknown:
        return unknown
    return known[0] if known else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases of a folder and print what came of them; 1 if one failed or there is none, else 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--deviations", type=Path, default=LEDGER)
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"{options.folder} is no folder. Name one that holds files of protocol cases.", file=sys.stderr)
        return 2
    ledger = read_ledger(options.deviations)
    counts: Counter[str] = Counter()
    reasons: dict[str, list[str]] = {}
    for case in read_cases(options.folder):
        outcome = judge(case, ledger)
        if outcome is None:
            counts["passed"] += 1
        elif isinstance(outcome, Deviation):
            counts["skipped"] += 1
            reasons.setdefault(outcome.reason, []).append(case.id)
        else:
            counts["failed"] += 1
            print(f"FAILED {case.file} {case.id}: {outcome[0].part}: {outcome[0].detail}")
    for reason, ids in reasons.items():
        print(f"skipped {', '.join(ids)}: {reason.strip()}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
