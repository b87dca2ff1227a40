# SPDX-License-Identifier: Apache-2.0
"""The findings of one JSON report that another one lacks, and the reverse: what a new version changed.

    python tools/compare_reports.py OLD.json NEW.json [--severity error] [--json]

It knows the fields of a report and nothing else. A finding is the same in both if its id is. Findings of
an operation of which one of the two runs can say nothing (not selected, not implemented) are left out,
because what is absent there was not mended; operations that stand differently are named at the end.
Exits 0 if nothing differs, else 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEVERITIES = ("error", "warning", "note")
_SILENT = frozenset({"not checked", "not implemented"})


@dataclass(frozen=True, slots=True)
class Difference:
    """What only one report has; `states` are the operations that stand differently in the two."""

    only_old: tuple[Mapping[str, Any], ...]
    only_new: tuple[Mapping[str, Any], ...]
    states: Mapping[str, str]


def compare(old: Mapping[str, Any], new: Mapping[str, Any], severities: tuple[str, ...]) -> Difference:
    """The difference of two decoded reports, in findings of these severities."""
    names = sorted({*old["operations"], *new["operations"]})
    pairs = {name: (_state(old, name), _state(new, name)) for name in names}
    silent = {name for name, pair in pairs.items() if _SILENT.intersection(pair)}
    return Difference(
        tuple(_missing(old, new, severities, silent)),
        tuple(_missing(new, old, severities, silent)),
        {
            name: f"{before} before, {after} after"
            for name, (before, after) in pairs.items()
            if before != after
        },
    )


def _state(report: Mapping[str, Any], name: str) -> str:
    row = report["operations"].get(name)
    if row is None:
        return "not checked"
    if not row["implemented"]:
        return "not implemented"
    return "reached" if row["reached"] else "not reached"


def _missing(
    here: Mapping[str, Any],
    there: Mapping[str, Any],
    severities: tuple[str, ...],
    silent: set[str],
) -> list[Mapping[str, Any]]:
    known = {item["id"] for item in there["violations"]}
    return [
        item
        for item in here["violations"]
        if item["severity"] in severities
        and item["id"] not in known
        # A finding of the whole target is shown by any operation.
        and (item["scope"] == "target" or item["operation"] not in silent)
    ]


def _tell(difference: Difference, old: str, new: str) -> None:
    for title, findings in (
        (f"only in {old}", difference.only_old),
        (f"only in {new}", difference.only_new),
    ):
        print(f"{title}: {len(findings)}")
        for item in findings:
            cause = f" [{item['cause']}]" if item["cause"] else ""
            print(f"  {item['id']} {item['severity']:<7} {item['operation']} {item['check']}{cause}")
            print(f"           {item['message']}")
    for name, states in difference.states.items():
        print(f"{name}: {states}")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Compare the findings of two JSON reports.")
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--severity", action="append", choices=SEVERITIES, help="repeatable; all by default")
    parser.add_argument("--json", action="store_true", help="print the difference as JSON")
    options = parser.parse_args(arguments)
    old, new = (json.loads(path.read_text("utf-8")) for path in (options.old, options.new))
    difference = compare(old, new, tuple(options.severity or SEVERITIES))
    if options.json:
        json.dump(
            {
                "only_old": difference.only_old,
                "only_new": difference.only_new,
                "states": difference.states,
            },
            sys.stdout,
            indent=2,
        )
        print()
    else:
        _tell(difference, old["target"] or str(options.old), new["target"] or str(options.new))
    return 1 if difference.only_old or difference.only_new or difference.states else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
