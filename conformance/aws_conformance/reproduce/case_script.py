"""Scripts that anybody can run: the state that a case needs made on a fresh target, then its request.

It owns their text: bash with curl, which sends the very bytes, and Python for what is taken out of answers.
It refuses to know why a case is wanted. Scripts of histories are written elsewhere (scripts.py); here they
only get their head.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from ..cases.case import Case
from ..cases.contract import Contract
from ..cases.expectations import Expectation
from ..cases.prerequisites import Prerequisites, prerequisites_for
from ..cases.setup import SetupStep, Upload
from ..cases.symbols import substitute, symbols
from ..results.events import CaseInfo, Reported
from ..spec.shapes import Operation
from .case import CSV_PROGRAM, curl_line, stand_in, variable_of
from .shell import quote

__all__ = ["case_script", "history_script", "needed_sources", "needed_steps"]

_ENDPOINT = "$ENDPOINT_URL"
_WIDTH = 100
_ANSWER_LINES = 12
# Another account than the caller's.
_OTHER = ("AKIDCONFORMANCE99999", "another-secret")
_PICK = r"""
# The value at a path of an answer, which is JSON.
pick() {
  python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1:]:
    value = value[int(name)] if isinstance(value, list) else value[name]
print(value if isinstance(value, str) else json.dumps(value))' "$@"
}
""".strip()
_CSV = f"""
# A CSV file with these columns and rows.
csv() {{
  python3 -c {quote(CSV_PROGRAM)} "$@"
}}
""".strip()


def case_script(
    contract: Contract,
    operation: Operation,
    case: Case,
    finding: Reported,
    title: str,
    endpoint: str,
    region: str,
) -> str:
    """A bash script that shows a finding of a case again on a fresh target.

    `endpoint` is the target's address, or empty where whoever runs the script has to say it.
    """
    recipe = prerequisites_for(contract, operation)
    steps = needed_steps(case, recipe)
    needed = needed_sources(case, steps)
    parts = [_head(finding, title, endpoint, region)]
    if needed:
        parts.append(_PICK)
    if any(step.upload for step in steps):
        parts.append(_CSV)
    for number, step in enumerate(steps, 1):
        parts.append("\n".join(_step_lines(contract, step, recipe, number, needed, region)))
    parts.append("\n".join(_request_lines(contract, operation, case, recipe, region)))
    parts.append(_answered(finding))
    return "\n\n".join(part for part in parts if part) + "\n"


def history_script(finding: Reported, title: str, endpoint: str, region: str) -> str:
    """A script that walks a history again, out of the lines that a report holds for it."""
    lines = "\n".join(
        line for line in finding.reproduction.aws.splitlines() if not line.startswith("ENDPOINT_URL=")
    )
    return f"{_head(finding, title, endpoint, region)}\n\n{lines}\n\n{_answered(finding)}\n"


def _head(finding: Reported, title: str, endpoint: str, region: str) -> str:
    violation = finding.violation
    remarks = [
        title,
        f"{violation.check} ({violation.severity}), finding {violation.id}: {violation.requirement}",
        f"{violation.operation} {violation.message}",
        f"Tried: {finding.reproduction.case.title}",
    ]
    address = f"${{ENDPOINT_URL:-{endpoint}}}" if endpoint else "${ENDPOINT_URL:?where the target listens}"
    return "\n".join(
        [
            "#!/usr/bin/env bash",
            *(line for remark in remarks for line in _remark(remark)),
            "set -u",
            f'ENDPOINT_URL="{address}"',
            f"export AWS_DEFAULT_REGION={quote(region)}",
            'export AWS_ACCESS_KEY_ID="${AWS_ACCESS_KEY_ID:-test}"',
            'export AWS_SECRET_ACCESS_KEY="${AWS_SECRET_ACCESS_KEY:-test}"',
        ]
    )


def _remark(text: str) -> Iterable[str]:
    """A text as remarks, whatever is in it."""
    printable = "".join(char if char.isprintable() else " " for char in text[:1_000])
    return textwrap.wrap(printable, _WIDTH, initial_indent="# ", subsequent_indent="#   ")


def _answered(finding: Reported) -> str:
    """What was answered when it was found, as remarks."""
    lines = finding.reproduction.response.splitlines()[:_ANSWER_LINES]
    shown = [line for text in lines for line in _remark(text[:400])]
    return "\n".join(["# It was answered with:", *shown]) if shown else ""


def needed_steps(case: Case, recipe: Prerequisites) -> tuple[SetupStep, ...]:
    """The steps that the request stands on, those left out that it is to do without."""
    left_out = set(case.without)
    steps = []
    for step in recipe.steps:
        if step.name in left_out or left_out.intersection(step.needs):
            left_out.add(step.name)
        else:
            steps.append(step)
    return tuple(steps)


def needed_sources(case: Case, steps: Iterable[SetupStep]) -> frozenset[str]:
    """What of answers is needed later, such as `CreateUserPool.UserPool.Id`."""
    templates: list[Any] = [case.template]
    for step in steps:
        templates += [step.input, *([step.upload.url, step.upload.columns] if step.upload else [])]
    return frozenset(
        symbol["$from"] for template in templates for symbol in symbols(template) if "$from" in symbol
    )


def _step_lines(
    contract: Contract,
    step: SetupStep,
    recipe: Prerequisites,
    number: int,
    needed: frozenset[str],
    region: str,
) -> Iterator[str]:
    yield f"# {number}. {step.name}"
    if step.upload is not None:
        yield from _upload_lines(step.upload, recipe)
        return
    owner, operation = contract.owner(step.operation)
    info = CaseInfo("", operation.name, "enumerated", "positive", step.name)
    case = Case(info, step.input, Expectation("accepted"))
    sources = sorted(source for source in needed if source.partition(".")[0] == step.name)
    line = _curl(owner, operation, case, recipe, region).replace("curl -sS -i ", "curl -sS ", 1)
    if not sources:
        yield f"{line}; echo"
        return
    yield f"answer=$({line})"
    yield 'echo "$answer"'
    for source in sources:
        path = " ".join(map(quote, source.split(".")[1:]))
        yield f'{variable_of(source)}=$(pick {path} <<<"$answer") || exit'


def _upload_lines(upload: Upload, recipe: Prerequisites) -> Iterator[str]:
    url, columns = stand_in(upload.url, recipe), stand_in(upload.columns, recipe)
    headers = " ".join(f"-H {quote(f'{name}: {value}')}" for name, value in upload.headers.items())
    rows = quote(json.dumps([dict(row) for row in upload.rows]))
    yield f'csv "{columns}" {rows} | curl -sS -X PUT {headers} --data-binary @- "{url}"'


def _request_lines(
    contract: Contract, operation: Operation, case: Case, recipe: Prerequisites, region: str
) -> Iterator[str]:
    yield f"# {operation.name}: {' '.join(case.info.title.split())}"
    if case.principal:
        yield f"AWS_ACCESS_KEY_ID={_OTHER[0]} AWS_SECRET_ACCESS_KEY={_OTHER[1]}"
    line = _curl(contract, operation, case, recipe, region)
    yield line
    if case.twice or case.expectation.accepted_before:
        yield 'printf "\\n\\n"'
        yield line


def _curl(contract: Contract, operation: Operation, case: Case, recipe: Prerequisites, region: str) -> str:
    document = substitute(case.template, lambda symbol: stand_in(symbol, recipe))
    return curl_line(contract, operation, case, document, _ENDPOINT, region)
