# SPDX-License-Identifier: Apache-2.0
"""Scripts that anybody can run: the state that a case needs made on a fresh target, then its request.

It owns their text: bash with curl, which sends the very bytes, and Python for what is taken out of answers.
It refuses to know why a case is wanted. Scripts of histories are written elsewhere (scripts.py); here they
only get their head.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from ..cases.case import Case
from ..cases.contract import Contract, OperationContract
from ..cases.expectations import Expectation
from ..cases.prerequisites import Prerequisites, prerequisites_for
from ..cases.setup import SetupStep, StepWait, Upload
from ..cases.symbols import substitute, symbols, value_at
from ..protocols.bindings.write import shows_kinds
from ..results.events import CaseInfo, Reported
from . import picking
from .case import CSV_PROGRAM, curl_line, stand_in, variable_of, variables_of
from .copied import body_of
from .shell import compact, quote
from .wire_paths import SENT, is_header, wire_path

__all__ = ["case_script", "history_script", "needed_sources", "needed_steps"]

_ENDPOINT = "$ENDPOINT_URL"
# What the name of a variable ends in that holds the same as it stands in an address.
_ENCODED = "_in_url"
_WIDTH = 100
# So many looks, once a second, at what takes its time.
_LOOKS = 60
_ANSWER_LINES = 12
# Another account than the caller's.
_OTHER = ("AKIDCONFORMANCE99999", "another-secret")
_PICK_PROGRAM = f"""
{body_of(picking.__file__)}


import sys
value = picked(sys.stdin.read(), sys.argv[1:])
print(value if isinstance(value, str) else json.dumps(value))
""".strip()
_PICK = f"""
# The value at a path of an answer.
pick() {{
  python3 -c {quote(_PICK_PROGRAM)} "$@"
}}
""".strip()
_IN_URL = """
# A value as it stands in an address or in a form.
in_url() {
  python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe=""))' "$1"
}
""".strip()
_CSV = f"""
# A CSV file with these columns and rows.
csv() {{
  python3 -c {quote(CSV_PROGRAM)} "$@"
}}
""".strip()


def case_script(
    contract: OperationContract,
    case: Case,
    finding: Reported,
    title: str,
    endpoint: str,
    region: str,
) -> str:
    """A bash script that shows a finding of a case again on a fresh target.

    `endpoint` is the target's address, or empty where whoever runs the script has to say it.
    """
    recipe = prerequisites_for(contract)
    steps = needed_steps(case, recipe)
    needed = needed_sources(case, steps)
    parts = [_head(finding, title, endpoint, region)]
    if needed:
        parts += [_PICK, _IN_URL]
    if any(step.upload for step in steps):
        parts.append(_CSV)
    for number, step in enumerate(steps, 1):
        parts.append("\n".join(_step_lines(contract.service_contract, step, recipe, number, needed, region)))
    parts.append("\n".join(_request_lines(contract, case, recipe, region)))
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
        templates += [step.wait.input] if step.wait else []
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
    owner = contract.owner(step.operation)
    info = CaseInfo("", owner.name, "enumerated", "positive", step.name)
    case = Case(info, step.input, Expectation("accepted"))
    sources = sorted(source for source in needed if source.partition(".")[0] == step.name)
    paths = {source: tuple(source.split(".")[1:]) for source in sources}
    answered = {
        source: wire_path(owner.service, owner.operation, path)
        for source, path in paths.items()
        if path[0] != SENT
    }
    line = _curl(owner, case, recipe, region)
    if not any(is_header(path) for path in answered.values()):
        line = line.replace("curl -sS -i ", "curl -sS ", 1)
    if answered:
        yield f"answer=$({line})"
        yield 'echo "$answer"'
    else:
        yield f"{line}; echo"
    for source, path in paths.items():
        name = variable_of(source)
        if path[0] == SENT:
            yield f"{name}={_sent(step, path[1:], recipe)}"
        else:
            words = " ".join(map(quote, answered[source]))
            yield f'{name}=$(pick {words} <<<"$answer") || {_or_else(source, recipe)}'
        # An identifier that is shown behind its kind is asked for without.
        bare = f"${{{name}##/*/}}" if shows_kinds(owner.service) else f"${name}"
        yield f'{name}{_ENCODED}=$(in_url "{bare}")'
    if step.wait is not None:
        yield from _wait_lines(contract, step.wait, recipe, region)


def _wait_lines(contract: Contract, wait: StepWait, recipe: Prerequisites, region: str) -> Iterator[str]:
    """A look at what a step has brought about, once a second, until it can be used."""
    owner = contract.owner(wait.operation)
    case = Case(
        CaseInfo("", owner.name, "enumerated", "positive", owner.name), wait.input, Expectation("accepted")
    )
    # A state stands between quotes in JSON, between tags in XML.
    texts = [text for text in wait.until if re.fullmatch(r"[\w.-]+", text)]
    ready = [f"""*'"{text}"'*|*'>{text}<'*""" for text in texts] or ["HTTP/*' 2'*"]
    yield "# It takes its time: wait until it can be used."
    yield f"for _ in $(seq {_LOOKS}); do"
    yield f"  answer=$({_curl(owner, case, recipe, region)})"
    yield f'  case "$answer" in {"|".join(ready)}) break ;; esac'
    yield "  sleep 1"
    yield "done"


def _sent(step: SetupStep, path: Iterable[str], recipe: Prerequisites) -> str:
    """What a step was sent at a path, as a word of the shell."""
    value = value_at(substitute(step.input, lambda symbol: stand_in(symbol, recipe)), path)
    return quote(value if isinstance(value, str) else compact(value), variables_of(step.input))


def _or_else(source: str, recipe: Prerequisites) -> str:
    """What to do where an answer does not have a value: what stood in for it in the run, or the end."""
    if source not in recipe.fallback:
        return "exit"
    value = recipe.fallback[source]
    return f"{variable_of(source)}={quote(value if isinstance(value, str) else compact(value))}"


def _upload_lines(upload: Upload, recipe: Prerequisites) -> Iterator[str]:
    url, columns = stand_in(upload.url, recipe), stand_in(upload.columns, recipe)
    headers = " ".join(f"-H {quote(f'{name}: {value}')}" for name, value in upload.headers.items())
    rows = quote(json.dumps([dict(row) for row in upload.rows]))
    yield f'csv "{columns}" {rows} | curl -sS -X PUT {headers} --data-binary @- "{url}"'


def _request_lines(
    contract: OperationContract, case: Case, recipe: Prerequisites, region: str
) -> Iterator[str]:
    yield f"# {contract.name}: {' '.join(case.info.title.split())}"
    if case.principal:
        yield f"AWS_ACCESS_KEY_ID={_OTHER[0]} AWS_SECRET_ACCESS_KEY={_OTHER[1]}"
    line = _curl(contract, case, recipe, region)
    yield line
    if case.twice or case.expectation.accepted_before:
        yield 'printf "\\n\\n"'
        yield line


def _curl(contract: OperationContract, case: Case, recipe: Prerequisites, region: str) -> str:
    document = substitute(case.template, lambda symbol: stand_in(symbol, recipe))
    return curl_line(contract, case, document, _ENDPOINT, region, in_urls=_ENCODED)
