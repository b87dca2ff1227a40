# SPDX-License-Identifier: Apache-2.0
"""Run the script of each cause of a report on a target of its own that starts afresh: does it show again?

    python tools/confirm_causes.py REPORT TARGET [--severity error]... [--id CAUSE]... [--scripts DIR]

The scripts are what `aws-conformance reproduce` prints; they import nothing of ours, and need bash, curl and,
for histories, `aws`. It owns the comparison of a script's last answer with the one in the report, without
what varies from one run to the next; it refuses to know why that answer is wrong. Prints a line for each
cause, and exits 0 if each showed again, else 1.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan, TargetSpec
from aws_conformance.frontends.command_line import main as aws_conformance
from aws_conformance.frontends.target_words import parse_target
from aws_conformance.results.causes import Cause, causes
from aws_conformance.results.reports.reading import read_report

PATIENCE = 120
_STATUS = re.compile(r"^HTTP/1\.\d (\d{3})", re.MULTILINE)
_REFUSED = re.compile(r"An error occurred \(([\w.]+)\)")
# Names and codes of a document: what varies in it are values.
_NAMES = re.compile(r'"(\w+)"\s*:|<(\w+)[ />]')


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Whether the script of a cause showed it again; `said` is the script's last output, where it did not."""

    cause: Cause
    shown: bool
    said: str = ""


def confirmations(
    report: Path, target: TargetSpec, chosen: Sequence[Cause], scripts: Path
) -> Iterator[Confirmation]:
    """One for each chosen cause of a report, by its script on a target that starts afresh."""
    aws_conformance(["reproduce", str(report), "--out", str(scripts)])
    for cause in chosen:
        script = next(scripts.glob(f"*-{cause.id}.sh"), None)
        if script is None:
            yield Confirmation(cause, False, "no script of it is printed")
            continue
        with opened(Plan((cause.representative.violation.operation,), target)) as session:
            said = _output(script, session.url)
        yield Confirmation(cause, shows_again(cause, said), said)


def shows_again(cause: Cause, said: str) -> bool:
    """Whether a script's output ends in the answer that a cause's representative has in its report."""
    answer = cause.representative.reproduction.response
    status = _STATUS.match(answer)
    if status is None:
        # A target that died or hung up answered nothing.
        return not _STATUS.search(said) or "curl:" in said.splitlines()[-1]
    statuses = list(_STATUS.finditer(said))
    if statuses:
        last = statuses[-1]
        if cause.representative.violation.check.startswith("request."):
            # That it was accepted or refused is all; what a success holds depends on what else is there.
            return last[1] == status[1]
        return last[1] == status[1] and _names(said[last.start() :]) >= _names(answer)
    refusals = _REFUSED.findall(said)
    code = re.search(r'"__type"\s*:\s*"(?:[\w.]+#)?([\w.]+)"|<Code>([\w.]+)', answer)
    if code is not None:
        return bool(refusals) and refusals[-1] in code.groups()
    return _names(answer) <= _names(said)


def _names(text: str) -> set[str]:
    return {name for names in _NAMES.findall(text) for name in names if name}


def _output(script: Path, url: str) -> str:
    """What a script says, errors among the rest in the order in which they come."""
    environment = {
        **os.environ,
        "ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "AWS_MAX_ATTEMPTS": "1",
    }
    done = subprocess.run(
        ["bash", str(script)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="backslashreplace",
        timeout=PATIENCE,
        check=False,
    )
    return done.stdout


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Run the script of each cause of a report.")
    parser.add_argument("report", type=Path)
    parser.add_argument("target")
    parser.add_argument("--severity", action="append", help="repeatable; error by default")
    parser.add_argument("--id", action="append", help="only this cause; repeatable")
    parser.add_argument("--scripts", type=Path, metavar="DIR", help="where scripts are left")
    options = parser.parse_args(arguments)
    severities = options.severity or ["error"]
    chosen = [
        cause
        for cause in causes(read_report(options.report).findings)
        if (cause.id in options.id if options.id else cause.severity in severities)
    ]
    missing = 0
    with tempfile.TemporaryDirectory() as folder:
        scripts = options.scripts or Path(folder)
        for confirmation in confirmations(options.report, parse_target(options.target), chosen, scripts):
            cause = confirmation.cause
            missing += not confirmation.shown
            print(
                f"{'yes' if confirmation.shown else 'NO '} {cause.id} {cause.severity} {cause.title}",
                flush=True,
            )
            if not confirmation.shown:
                print("    " + "\n    ".join(confirmation.said.splitlines()[-6:]), flush=True)
    print(f"{len(chosen) - missing} of {len(chosen)} causes show again")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
