# SPDX-License-Identifier: Apache-2.0
"""What the first thousand cases find on moto, beside Schemathesis: crash sites, and what a whole run finds.

    python -m benchmarks.bench_crash_sites

Twelve operations of Amazon Cognito (OPERATIONS), a thousand cases in all, on a server of its own for each. A
crash site is the exception and the function that moto's log names for an answer of 5xx; answers that say that
something is not implemented are none. Schemathesis gets an OpenAPI 3.1 document of the same schemas, in which
each operation has a path of its own: a relay makes AWS's requests of them, with the headers that are the same
for all. Its cases are the requests for an operation that reach the relay; a positive one is what the input's
schema takes. Patterns that it can't make requests of in any time are left out of its document.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.draw_documents import openapi_document
from benchmarks.peers import PeerMissingError, peer_python

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.contract import Contract
from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan, StartedTarget
from aws_conformance.engine.run import run
from aws_conformance.engine.session import Session
from aws_conformance.errors import ConformanceError, UsageError
from aws_conformance.frontends.target_words import started_from
from aws_conformance.http import Request, Response
from aws_conformance.results.causes import causes
from aws_conformance.results.events import CaseFinished, Event, Reported
from aws_conformance.targets.installed import find
from aws_conformance.targets.presets import parse_requested
from aws_conformance.targets.server import serve
from aws_conformance.targets.stack_traces import thrown_in

__all__ = ["Tally", "main", "openapi_of", "operation_of"]

SERVICE = "cognito-idp"
OPERATIONS = (
    "AdminCreateUser",
    "AdminInitiateAuth",
    "AdminUpdateUserAttributes",
    "ConfirmForgotPassword",
    "CreateGroup",
    "CreateIdentityProvider",
    "CreateResourceServer",
    "CreateUserPool",
    "CreateUserPoolClient",
    "ListUsers",
    "SetUserPoolMfaConfig",
    "SignUp",
)
CASES = 1000
# What reached the relay until then counts.
SECONDS = 180
# Categories of Unicode, spelled as their ranges, keep it from making any request within minutes.
LONGEST_PATTERN = 200
SEED = 7
# Of each operation an equal share of the cases: most of them enumerated, as in a run of the default size.
SHARE = CASES // len(OPERATIONS)
EXAMPLES = SHARE // 6
_NOT_IMPLEMENTED = "NotImplementedError"
_SCHEMAS = "#/components/schemas/"
_HEADERS = (
    ("Content-Type", "application/x-amz-json-1.1"),
    ("Authorization", f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/{SERVICE}/aws4_request"),
)


@dataclass(slots=True)
class Tally:
    """What cases came to: positive ones and those of them that were answered 2xx, and the crash sites."""

    cases: int = 0
    positive: int = 0
    succeeded: int = 0
    sites: set[str] = field(default_factory=set)

    def count(self, *, positive: bool, status: int) -> None:
        """Count a case."""
        self.cases += 1
        self.positive += positive
        self.succeeded += positive and 200 <= status < 300

    def line(self, name: str) -> str:
        """The tally in a line of the table."""
        share = f"{self.succeeded / self.positive:.0%}" if self.positive else "none"
        positives = f"{share} of {self.positive} positives answered 2xx"
        return f"{name:<22} {self.cases:>5} cases   {len(self.sites):>3} crash sites   {positives}"


def openapi_of(contract: Contract, operations: Sequence[str]) -> dict[str, Any]:
    """An OpenAPI 3.1 document with POST /OPERATION for each, what it takes and what it answers."""
    document: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": SERVICE, "version": "1"}}
    paths: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for name in operations:
        accepted = openapi_document(contract.schema(name, "input"))
        # A shape has other constraints in an answer than in a request, so that it has two names here.
        text = json.dumps(openapi_document(contract.schema(name, "output"))).replace(
            _SCHEMAS, f"{_SCHEMAS}Shown"
        )
        shown = json.loads(text)
        post = accepted["paths"]["/"]["post"] | {"operationId": name}
        answer = shown["paths"]["/"]["post"]["requestBody"]["content"]
        post["responses"] = {"200": {"description": "The output", "content": answer}}
        paths[f"/{name}"] = {"post": post}
        definitions |= accepted["components"]["schemas"]
        definitions |= {f"Shown{key}": item for key, item in shown["components"]["schemas"].items()}
    described: dict[str, Any] = _readable({"paths": paths, "components": {"schemas": definitions}})
    return document | described


def _readable(part: Any) -> Any:
    """A schema without what only we read, and without patterns that are too long for Schemathesis."""
    if isinstance(part, dict):
        return {
            key: _readable(item)
            for key, item in part.items()
            if not (isinstance(item, str) and key == "pattern" and len(item) > LONGEST_PATTERN)
            and not key.startswith("x-aws-")
        }
    return [_readable(item) for item in part] if isinstance(part, list) else part


def operation_of(path: str) -> str:
    """The operation whose path a request has, or the empty string."""
    name = path.partition("?")[0].strip("/")
    return name if name in OPERATIONS else ""


def _moto() -> StartedTarget:
    return started_from(find(parse_requested("moto")))


@dataclass(slots=True)
class _Relay:
    """Passes requests on to moto as AWS's, and counts them until there were enough."""

    session: Session
    contract: Contract
    tally: Tally = field(default_factory=Tally)
    enough: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Response:
        name = operation_of(request.path)
        if not name:
            # It asks what the server can take before it begins.
            return Response(404)
        with self._lock:
            if self.tally.cases >= CASES:
                self.enough.set()
                return Response(503)
            channel = self.session.channel
            mark = channel.mark()
            headers = (*_HEADERS, ("X-Amz-Target", f"{self.contract.service.target_prefix}.{name}"))
            sent = Request(request.method, "/", headers, request.body)
            response = channel.send_plain(sent).response
            if response.status >= 500:
                thrown = thrown_in(channel.log_since(mark))
                if thrown is not None and thrown.name != _NOT_IMPLEMENTED:
                    self.tally.sites.add(thrown.place)
            positive = request.method == "POST" and self._is_valid(name, request.body)
            self.tally.count(positive=positive, status=response.status)
        kind = [("Content-Type", "application/json")]
        return Response(response.status, tuple(kind), response.body)

    def _is_valid(self, name: str, body: bytes) -> bool:
        try:
            document = json.loads(body)
        except ValueError:
            return False
        return self.contract.validator(name, "input").is_valid(document)


def _schemathesis(contract: Contract) -> Tally:
    """What Schemathesis finds. Raises PeerMissingError."""
    program = peer_python("schemathesis").with_name("schemathesis")
    plan = Plan((f"{SERVICE}:{OPERATIONS[0]}",), _moto())
    with opened(plan) as session, tempfile.TemporaryDirectory() as folder:
        relay = _Relay(session, contract)
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(openapi_of(contract, OPERATIONS)), "utf-8")
        with serve(relay.answer) as server:
            options = ["--url", server.url, "--seed", str(SEED), "--max-examples", str(SHARE)]
            checks = ["--checks", "not_a_server_error", "--continue-on-failure", "--no-shrink"]
            process = subprocess.Popen(
                [str(program), "run", str(document), *options, *checks],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            end = time.monotonic() + SECONDS
            while process.poll() is None and time.monotonic() < end and not relay.enough.wait(0.2):
                pass
            process.kill()
            process.wait()
    return relay.tally


def _ours(plan: Plan) -> tuple[Tally, frozenset[str]]:
    """What a run of ours finds: its tally, and its causes by id."""
    tally = Tally()
    reported: list[Reported] = []

    def take(event: Event) -> None:
        if isinstance(event, CaseFinished):
            tally.count(positive=event.case.kind == "positive", status=event.answered)
        elif isinstance(event, Reported):
            reported.append(event)

    run(plan, take)
    found = causes(reported)
    tally.sites = set(_sites(found))
    return tally, frozenset(cause.id for cause in found)


def _sites(found: Any) -> Iterator[str]:
    for cause in found:
        if "server.crash" in cause.checks:
            yield from cause.sites


def main() -> int:
    """Print the table; always 0."""
    try:
        moto = _moto()
    except (UsageError, ConformanceError) as missing:
        print(f"skipped: {missing}")
        return 0
    names = tuple(f"{SERVICE}:{name}" for name in OPERATIONS)
    contract = contract_of(SERVICE)
    first = Plan(names, moto, seed=SEED, budget=SHARE - EXAMPLES, max_examples=EXAMPLES)
    ours, causes_of_first = _ours(first)
    print(ours.line("ours"))
    try:
        theirs = _schemathesis(contract)
    except PeerMissingError as missing:
        print(f"skipped: {missing}")
    else:
        ratio = f"   ours {len(ours.sites) / len(theirs.sites):.1f} x" if theirs.sites else ""
        print(f"{theirs.line('schemathesis')}{ratio}")
    whole, causes_of_whole = _ours(Plan(names, moto, seed=SEED))
    shared = len(causes_of_first & causes_of_whole)
    print(whole.line("ours, a run of all"))
    print(f"of its {len(causes_of_whole)} causes the first {ours.cases} cases show {shared}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
