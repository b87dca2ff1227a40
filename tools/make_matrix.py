# SPDX-License-Identifier: Apache-2.0
"""Records runs of the reference and of emulators on one service, and renders them side by side.

It owns which targets there are by default, and what of a run's events is kept in fixtures/matrix: all that
reports show, told once. It refuses to know how a run or a page comes about. An hour on two cores.

    python tools/make_matrix.py [TARGET...] [--service ID] [--out DIR] [--page FILE]
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from aws_conformance.results.event_json import event_to_json
from aws_conformance.results.events import (
    CaseFinished,
    Event,
    NotImplementedByTarget,
    OperationFinished,
    Reported,
    Verified,
    Violated,
)
from aws_conformance.results.reports.ndjson import read_log
from aws_conformance.results.reports.page.render import together

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent
_TARGETS = ("reference", "moto", "ministack", "cognito-local")
# A request of a megabyte shows no more than its beginning.
_LONGEST = 4_000


def slimmed(events: Iterable[Event]) -> Iterator[Event]:
    """The events without what stands in another, or in none that reports show.

    Findings stand within cases and within operations, too; what a target lacks, its operations tell.
    """
    seen: set[str] = set()
    for event in events:
        match event:
            case CaseFinished(outcome=Violated(violations=violations)):
                first = tuple(item for item in violations if item.id not in seen)
                seen.update(item.id for item in first)
                yield replace(event, outcome=Violated(first) if first else Verified())
            case CaseFinished(outcome=NotImplementedByTarget()):
                pass
            case OperationFinished():
                yield replace(event, findings=(), unrepeated=())
            case Reported():
                shown = event.reproduction
                long = {
                    name: value
                    for name in ("aws", "boto3", "curl", "request", "response")
                    if len(value := getattr(shown, name)) > _LONGEST
                }
                cut = {name: f"{value[:_LONGEST]}..." for name, value in long.items()}
                # A template as long is made again from its case.
                template = {"template": None} if long else {}
                yield replace(event, reproduction=replace(shown, **cut, **template))
            case _:
                yield event


def _record(target: str, service: str, folder: Path) -> Path:
    """The slimmed events of a run, as a compressed file."""
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "run.ndjson"
        command = [sys.executable, "-m", "aws_conformance", "run", service, "--target", target]
        done = subprocess.run([*command, "--report", f"ndjson={log}"], check=False)
        if done.returncode not in (0, 1, 4):
            raise SystemExit(f"{target}: the run ended with {done.returncode}")
        return write(log, folder / f"{target}.ndjson.gz")


def write(log: Path, file: Path) -> Path:
    """Writes the slimmed events of a log."""
    lines = (
        json.dumps(event_to_json(event), separators=(",", ":")) for event in slimmed(read_log(log).events)
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
    return file


def main() -> int:
    """Record what is asked for and render it; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=_TARGETS)
    parser.add_argument("--service", default="cognito-idp")
    parser.add_argument("--out", type=Path, default=_ROOT / "fixtures" / "matrix")
    parser.add_argument("--page", type=Path, default=_ROOT / "matrix.html")
    options = parser.parse_args()
    files = [_record(target, options.service, options.out) for target in options.targets]
    with options.page.open("w", encoding="utf-8") as stream:
        together(stream, [read_log(file).events for file in files])
    print(options.page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
