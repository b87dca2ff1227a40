# SPDX-License-Identifier: Apache-2.0
"""Executes every `aws`, boto3 and curl line of a report against an echo: does it send what the run had sent?

    python -m tools.printed_lines REPORT.ndjson --awscli .walks/awscli/bin/python

What is expected is made of the case that stands beside the lines, by our codec. curl has to send the very
bytes; the other two the same operation with the same document, at the same place. A line that says of
itself that it can't send its case, or may refuse to, is counted apart; if it sends, it sends the same. No
line may open a file of the user's. It owns the comparison; how lines are written reproduce/ owns. Exits 1 if
any line sends something else, or nothing, without saying so.
"""

from __future__ import annotations

import argparse
import functools
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.contract import OperationContract
from aws_conformance.cases.prerequisites import Prerequisites, prerequisites_for
from aws_conformance.cases.symbols import substitute
from aws_conformance.errors import UsageError
from aws_conformance.http import Request, Response, header
from aws_conformance.reproduce.case import stand_in, variable_of
from aws_conformance.reproduce.rebuild import as_learned, rebuilt
from aws_conformance.results.events import OperationFinished, Reported, Reproduction
from aws_conformance.results.reports.ndjson import read_log
from aws_conformance.targets.server import serve

__all__ = ["Fault", "PrintedLine", "asked", "faults_of", "lines_of", "main", "runner", "wrong"]

Means = Literal["aws", "boto3", "curl"]
_RUNNER = Path(__file__).with_name("line_runner.py")
# What a line says of itself where it can't, or may not, send its case.
_CANNOT, _MAY_REFUSE = "# ", "may refuse"
# What an `aws` command says that is older than our models, and lacks some of their members and options.
_OLDER = ("Unknown parameter in input", "Unknown options: ")
# Options by which curl reads or writes files.
_OF_FILES = frozenset({"-K", "--config", "-T", "-o", "-O", "-F", "--data-urlencode", "--netrc"})
_RECORDING = """\
set -o history; set -H
record() { printf '%s\\0' "$@"; printf '\\1\\0'; }
aws() { record aws "$@"; }
curl() { record curl "$@"; }
"""
_KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line as it is printed, and the request that it has to send; `case` says which it is of."""

    means: Means
    text: str
    contract: OperationContract
    expected: Request
    case: str
    variables: Mapping[str, str]

    @property
    def is_excused(self) -> bool:
        """Whether the line says that it can't send its case, or may not."""
        return self.text.startswith(_CANNOT) or _MAY_REFUSE in self.text


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that does not do what it should, and what it does."""

    line: PrintedLine
    what: str


@dataclass(slots=True)
class _Echo:
    """A server that answers everything with nothing, and holds what it was sent."""

    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(200, (("Content-Type", "application/x-amz-json-1.1"),), b"{}")

    def taken(self) -> list[Request]:
        requests, self.requests = self.requests, []
        return requests


def lines_of(shown: Reproduction) -> Iterator[PrintedLine]:
    """The lines of a finding. Raises UsageError for a case that can't be made again."""
    if shown.transcript:
        return
    service, _, name = shown.case.operation.partition(":")
    contract = as_learned(contract_of(service).of(contract_of(service).operation(name)), shown)
    case = rebuilt(contract, shown)
    prerequisites = prerequisites_for(contract)
    document = substitute(case.template, functools.partial(_value, prerequisites))
    request = contract.protocol.encode_request(contract.service, contract.operation, document)
    request = contract.protocol.malformed(request, case.tamper)
    if case.signature == "tampered-body":
        request = replace(request, body=request.body + b" ")
    names = {variable_of(symbol["$from"]) for symbol in _symbols(case.template)}
    title = f"{shown.case.operation} {shown.case.id} {shown.case.title}"
    lines: tuple[tuple[Means, str], ...] = (("aws", shown.aws), ("boto3", shown.boto3), ("curl", shown.curl))
    for means, text in lines:
        if text:
            yield PrintedLine(
                means, text, contract, request, title, {name: f"value-of-{name}" for name in sorted(names)}
            )


def _value(prerequisites: Prerequisites, symbol: Any) -> Any:
    if isinstance(symbol, Mapping) and "$from" in symbol:
        return f"value-of-{variable_of(symbol['$from'])}"
    return stand_in(symbol, prerequisites)


def _symbols(template: Any) -> Iterator[Mapping[str, Any]]:
    match template:
        case {"$from": _}:
            yield template
        case dict():
            for item in template.values():
                yield from _symbols(item)
        case list():
            for item in template:
                yield from _symbols(item)


@contextmanager
def runner(python: Path | str, services: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that carries out commands and snippets in an environment."""
    process = subprocess.Popen(
        [str(python), str(_RUNNER), *services], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait()
        process.stdout.close()


def faults_of(
    lines: Iterable[PrintedLine], aws: subprocess.Popen[str], python: subprocess.Popen[str]
) -> Iterator[Fault | None]:
    """For each line what is wrong with it, or None."""
    echo = _Echo()
    with serve(echo) as server, tempfile.TemporaryDirectory(prefix="aws-conformance-empty-") as folder:
        for line in lines:
            environment = {**_KEYS, **line.variables, "ENDPOINT_URL": server.url}
            if line.text.startswith(_CANNOT):
                yield None
                continue
            outcome = _carried_out(line, environment, folder, aws, python)
            what = wrong(line, outcome, echo.taken(), server.url)
            yield Fault(line, what) if what else None


def _carried_out(
    line: PrintedLine,
    environment: Mapping[str, str],
    folder: str,
    aws: subprocess.Popen[str],
    python: subprocess.Popen[str],
) -> dict[str, Any]:
    match line.means:
        case "boto3":
            return asked(python, {"python": line.text, "environment": dict(environment)})
        case "aws":
            (words,) = _words(line.text, environment, folder)
            return asked(aws, {"aws": words[1:], "environment": dict(environment)})
        case "curl":
            done = _by_bash(f"set -o history; set -H\n{line.text}\n", environment, folder)
            (words,) = _words(line.text, environment, folder)
            opened = [word for word in words if word.startswith("@") and word != "@-"]
            opened += [
                word for word in words if word in ("-K", "--config", "-T", "-o", "-F", "--data-urlencode")
            ]
            # A body that begins with an at sign is one where `--data-raw` says so.
            raw = words[words.index("--data-raw") + 1] if "--data-raw" in words else None
            return {
                "exit": done.returncode,
                "said": done.stderr.decode("utf-8", "replace")[-500:],
                "opened": [word for word in opened if word != raw],
            }


def _words(line: str, environment: Mapping[str, str], folder: str) -> list[list[str]]:
    """The words that a shell makes of a line, its command first."""
    done = _by_bash(f"{_RECORDING}{line}\n", environment, folder)
    calls = done.stdout.split(b"\1\0")[:-1]
    return [[word.decode("utf-8", "surrogateescape") for word in call.split(b"\0")[:-1]] for call in calls]


def _by_bash(script: str, environment: Mapping[str, str], folder: str) -> subprocess.CompletedProcess[bytes]:
    """What bash does with a script, which may be longer than a command can be."""
    with tempfile.NamedTemporaryFile("wb", suffix=".sh") as file:
        file.write(script.encode("utf-8", "surrogatepass"))
        file.flush()
        return subprocess.run(
            ["bash", file.name],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "HOME": folder, **environment},
            capture_output=True,
            check=False,
        )


def asked(process: subprocess.Popen[str], task: Mapping[str, Any]) -> dict[str, Any]:
    """What becomes of a task that a runner is handed."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(task) + "\n")
    process.stdin.flush()
    outcome: dict[str, Any] = json.loads(process.stdout.readline())
    return outcome


def wrong(line: PrintedLine, outcome: Mapping[str, Any], requests: Sequence[Request], url: str) -> str:
    """What is wrong with what a line did, or the empty string."""
    if outcome["opened"]:
        return f"it opens {outcome['opened']}"
    if len(requests) != 1:
        said = " ".join(outcome["said"].split())
        older = line.means == "aws" and any(words in said for words in _OLDER)
        return (
            ""
            if not requests and (line.is_excused or older)
            else f"it sends {len(requests)} requests: {said[-200:]}"
        )
    (request,), expected = requests, line.expected
    if (request.method, request.path) != (expected.method, expected.path):
        return f"it sends {request.method} {request.path}"
    for name, value in expected.headers:
        if header(request.headers, name) != value:
            return f"it sends {name}: {header(request.headers, name)}"
    if line.means == "curl":
        return "" if request.body == expected.body else f"it sends {request.body[:200]!r}"
    document, wanted_document = _document(line, request), _document(line, expected)
    return (
        "" if document == wanted_document else f"it sends {document[:200]}, and not {wanted_document[:200]}"
    )


def _document(line: PrintedLine, request: Request) -> str:
    """The document of a request, in a form that tells 1 from 1.0 and from true."""
    decoded = line.contract.protocol.decode_request(line.contract.service, request)
    return f"{decoded.operation} {json.dumps(decoded.document, sort_keys=True)}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("--awscli", type=Path, required=True, help="a Python that has the `aws` command")
    parser.add_argument("--every", type=int, default=1, help="take one line of so many")
    chosen = parser.parse_args(arguments)
    lines: dict[tuple[str, str], PrintedLine] = {}
    lost = 0
    for shown in _reproductions(chosen.report):
        try:
            lines |= {(line.means, line.text): line for line in lines_of(shown)}
        except UsageError:
            lost += 1
    some = list(lines.values())[:: chosen.every]
    services = sorted({line.contract.service.name for line in some})
    counts: Counter[str] = Counter()
    with runner(chosen.awscli, services) as aws, runner(sys.executable, services) as python:
        for line, fault in zip(some, faults_of(some, aws, python), strict=True):
            state = "wrong" if fault else "excused" if line.is_excused else "the same"
            counts[f"{line.means} {state}"] += 1
            if fault:
                print(f"{line.means} {line.case}\n  {line.text[:400]}\n  {fault.what}", flush=True)
    print(
        ", ".join(f"{key}: {count}" for key, count in sorted(counts.items())),
        f"; cases that no report holds: {lost}",
    )
    return 1 if any(key.endswith("wrong") for key in counts) else 0


def _reproductions(report: Path) -> Iterator[Reproduction]:
    for event in read_log(report).events:
        if isinstance(event, Reported):
            yield event.reproduction
        elif isinstance(event, OperationFinished):
            yield from (finding.reproduction for finding in event.findings)
            yield from (violation.reproduction for violation in event.unrepeated)


if __name__ == "__main__":
    sys.exit(main())
