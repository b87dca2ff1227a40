# SPDX-License-Identifier: Apache-2.0
"""Failing cases as a pytest file that needs nothing of ours: each makes its state, sends its bytes, asserts.

It owns which findings can be asserted in a line, and the text of the file. A finding is exported only if its
assertion fails on the very answer that was recorded, so that no exported test passes on what it came from.
It refuses to know who wants which findings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cases.case import Case
from ..cases.contract import Contract, OperationContract
from ..cases.expectations import Expectation
from ..cases.prerequisites import Prerequisites, prerequisites_for
from ..cases.setup import SetupStep
from ..cases.symbols import substitute
from ..errors import UsageError
from ..results.events import CaseInfo, Reported
from . import picking, standalone
from .case import variable_of
from .case_script import needed_sources, needed_steps
from .copied import body_of
from .wire_paths import SENT, wire_path

__all__ = ["ExportedTest", "exported_test", "pytest_file"]

# What a finding of a check is asserted by; a check that is not here says more than a line can.
_ASSERTIONS: Mapping[str, Callable[..., None]] = {
    "request.invalid.accepted": standalone.refused,
    "request.invalid.tolerated": standalone.refused,
    "request.nonexistent.accepted": standalone.refused,
    "request.valid.refused": standalone.accepted,
    "request.tolerance.refused": standalone.accepted,
    "response.body.malformed": standalone.readable,
    "response.member.required": standalone.present,
    "response.null.member": standalone.present,
    "response.timestamp.form": standalone.numbers,
    "server.crash": standalone.survived,
    "server.timeout": standalone.survived,
}
_STATUS = re.compile(r"HTTP/1\.1 (\d{3})")
_LONGEST_BODY = 100_000


@dataclass(frozen=True, slots=True)
class ExportedTest:
    """One test: its name and the lines of its body."""

    name: str
    lines: tuple[str, ...]


def pytest_file(tests: Sequence[ExportedTest], title: str) -> str:
    """A file with these tests."""
    names: dict[str, int] = {}
    parts = [f'"""{title}\n\n{_HOW}"""', body_of(picking.__file__), body_of(standalone.__file__)]
    for test in tests:
        names[test.name] = names.get(test.name, 0) + 1
        name = test.name if names[test.name] == 1 else f"{test.name}_{names[test.name]}"
        parts.append(
            "\n".join([f"def test_{name}():", *(f"    {line}" if line else "" for line in test.lines)])
        )
    return "\n\n\n".join(parts) + "\n"


_HOW = """Run it on a target that runs afresh; it needs pytest and boto3:

    ENDPOINT_URL=http://127.0.0.1:5000 pytest THIS_FILE
"""


def exported_test(contract: OperationContract, case: Case, finding: Reported) -> ExportedTest:
    """The test that shows a finding again. Raises UsageError, with the reason, where a test can't."""
    violation = finding.violation
    assertion = _ASSERTIONS.get(violation.check)
    if assertion is None:
        raise UsageError(f"{violation.check} is more than a line can assert.")
    if not finding.reproduction.response:
        raise UsageError("it is told in short here: read the NDJSON report of the run.")
    if case.signature or case.fault:
        raise UsageError("what is wrong with its signature can't be written down.")
    path = violation.path if violation.path.startswith("$") else ""
    if not _fails(assertion, finding, path):
        raise UsageError("what was recorded of it does not fail by itself.")
    recipe = prerequisites_for(contract)
    steps = needed_steps(case, recipe)
    needed = needed_sources(case, steps)
    lines = [*_documented(finding), "state = FreshState()"]
    for step in steps:
        lines += _step(contract.service_contract, step, recipe, needed)
    request = _request(contract, case, recipe)
    options = f"{request}, account=ANOTHER_ACCOUNT" if case.principal else request
    if case.twice or case.expectation.accepted_before:
        lines.append(f"state.send({options})")
    lines += [f"answer = state.send({options})", f"{assertion.__name__}(answer, {path!r})"]
    return ExportedTest(_name(finding), tuple(lines))


def _fails(assertion: Callable[..., None], finding: Reported, path: str) -> bool:
    head, _, body = finding.reproduction.response.partition("\n\n")
    status = _STATUS.match(head)
    try:
        assertion(standalone.Answer(int(status[1]) if status else 0, body), path)
    except AssertionError:
        return True
    return False


def _documented(finding: Reported) -> Iterator[str]:
    violation = finding.violation
    words = (
        f"{violation.operation} {violation.message}",
        f"{violation.check} ({violation.severity}, {violation.provenance}): {violation.requirement}",
        f"Tried: {finding.reproduction.case.title}",
    )
    for word in words:
        # Whatever a target said, a remark is one line.
        yield f"# {''.join(char if char.isprintable() else ' ' for char in word[:400])}"


def _name(finding: Reported) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", "_", finding.violation.operation.partition(":")[2])
    return f"{words.lower()}_{finding.violation.id}"


def _step(contract: Contract, step: SetupStep, recipe: Prerequisites, needed: Iterable[str]) -> Iterator[str]:
    if step.upload is not None:
        url, columns = (variable_of(item["$from"]) for item in (step.upload.url, step.upload.columns))
        rows = [dict(row) for row in step.upload.rows]
        yield f"state.upload({url!r}, {dict(step.upload.headers)!r}, {columns!r}, {rows!r})"
        return
    owner = contract.owner(step.operation)
    info = CaseInfo("", step.operation, "enumerated", "positive", step.name)
    case = Case(info, step.input, Expectation("accepted"))
    paths = {
        source: source.split(".")[1:] for source in sorted(needed) if source.partition(".")[0] == step.name
    }
    sources = {
        variable_of(source): list(wire_path(owner.service, owner.operation, path))
        for source, path in paths.items()
        if path[0] != SENT
    }
    sent = {
        variable_of(source): _at(substitute(step.input, lambda symbol: _mark(symbol, recipe)), path[1:])
        for source, path in paths.items()
        if path[0] == SENT
    }
    fallback = {
        variable_of(source): value
        for source, value in recipe.fallback.items()
        if variable_of(source) in sources
    }
    yield f"state.step({sources!r}, {fallback!r}, {_request(owner, case, recipe)})"
    if sent:
        yield f"state.sent({sent!r})"


def _at(document: Any, path: Sequence[str]) -> Any:
    for name in path:
        document = document[name]
    return document


def _request(contract: OperationContract, case: Case, recipe: Prerequisites) -> str:
    """The arguments that send a case."""
    document = substitute(case.template, lambda symbol: _mark(symbol, recipe))
    request = contract.encode_request(document)
    request = contract.protocol.malformed(request, case.tamper)
    try:
        body = request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("its body is no text.") from None
    if len(body) > _LONGEST_BODY:
        raise UsageError("its body is too long for a file that people read.")
    signed = f", signing_name={contract.service.signing_name!r}" if contract.operation.signed else ""
    return f"{request.method!r}, {request.path!r}, {list(request.headers)!r}, {body!r}{signed}"


def _mark(symbol: Mapping[str, Any], recipe: Prerequisites) -> Any:
    """What stands for a symbol until the test runs; letters and digits alone, which every encoding leaves."""
    if "$from" in symbol:
        return f"zzVzz{variable_of(symbol['$from'])}zzzz"
    if "$name" in symbol:
        return f"zzNzz{variable_of(symbol['$name'])}zzzz"
    return recipe.others[symbol["$other"]]
