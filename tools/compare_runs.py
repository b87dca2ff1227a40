# SPDX-License-Identifier: Apache-2.0
"""What differs between two runs of one plan: cases, their outcomes, operations and findings.

    python tools/compare_runs.py OLD.ndjson NEW.ndjson

It reads the NDJSON of `run --report ndjson=FILE`, of this release and of those before, and knows nothing
but events. What a run makes up (times, ports, identifiers) is not compared: cases are the same by their
id, findings by theirs. Prints a line for each difference and a count; exits 0 if there is none, else 1.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TALLIES = ("cases", "verified", "violated", "inconclusive", "not_implemented", "errored", "flaky")


@dataclass(slots=True)
class Run:
    """What a run said: outcomes by case, operations by name, findings by what tells them apart."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    exit: int | None = None


def read(path: Path) -> Run:
    """The run that a file of events tells."""
    run = Run()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            match event["@"]:
                case "CaseFinished":
                    case = f"{event['case']['operation']} {event['case']['id']}"
                    run.outcomes.setdefault(case, Counter())[event["outcome"]["@"]] += 1
                case "OperationFinished":
                    run.operations[event["operation"]] = {
                        "implemented": event["implemented"],
                        "reached": event["reached"],
                        **{name: event[name] for name in _TALLIES},
                    }
                case "Reported":
                    violation = event["violation"]
                    parts = (violation["operation"], violation["check"], violation["path"])
                    key = " ".join((*parts, violation.get("cause", "")))
                    run.findings[f"{violation['severity']} {key}"] = event["count"]
                case "RunFinished":
                    run.exit = event["exit"]
    return run


def differences(old: Run, new: Run) -> Iterator[str]:
    """A line for each difference."""
    if old.exit != new.exit:
        yield f"exit: {old.exit} -> {new.exit}"
    for name, before, after in _pairs(old.operations, new.operations):
        if before != after:
            changed = [
                f"{key} {before[key]} -> {after[key]}" for key in before if before[key] != after.get(key)
            ]
            yield f"operation {name}: {', '.join(changed)}"
    for name, before, after in _pairs(old.outcomes, new.outcomes):
        if before != after:
            yield f"case {name}: {_outcomes(before)} -> {_outcomes(after)}"
    for name, before, after in _pairs(old.findings, new.findings):
        if bool(before) != bool(after):
            yield f"finding {'gone' if before else 'new'}: {name}"
        elif before != after:
            yield f"finding {name}: seen {before} -> {after} times"


def _pairs(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted({*old, *new}):
        yield name, old.get(name, {}), new.get(name, {})


def _outcomes(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items())) or "none"


def main(arguments: list[str]) -> int:
    """Compare two files; the exit code."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    old, new = (read(Path(argument)) for argument in arguments)
    lines = list(differences(old, new))
    print("\n".join(lines))
    print(f"{len(old.outcomes)} and {len(new.outcomes)} cases; {len(lines)} differences")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
