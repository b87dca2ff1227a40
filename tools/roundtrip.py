# SPDX-License-Identifier: Apache-2.0
"""Every operation there and back over every protocol of its service: botocore's client, our server side.

    python tools/roundtrip.py [SERVICE...] [--seeds N] [--cases N] [--sample N] [--processes N]

botocore's own client (validation, handlers, endpoint rules, serializer, signing, parser) sends a generated
request, which does not leave the process: what `serve` consists of tells whose it is, decodes, validates
and answers it with a generated output, which the client parses. What the server read must be what was
generated, our decoder and our schemas must find nothing in the answer, and the client must have read what
was meant. Each case goes there and back a second time with one value altered or left out on either side,
which must show. Prints a line for each operation that differs and the counts; exits 0 if none differed.

The values are those of the schemas' generators (texts of every kind, empty and non-ASCII ones among them,
moments in milliseconds, NaN, the edges of numbers), as `wire_domain` has them: without what the wire can't
say. What can't be compared for another reason stands in the ledger. It refuses to know how a protocol works.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import yaml
from tools.as_botocore import client_answered_by, comparable, native, plain
from tools.leaves import altered, leaves, without
from tools.wire_domain import input_domain, output_domain, sayable

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.contract import Contract, OperationContract
from aws_conformance.choices import RecordedChoices, SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.nodes import Tree
from aws_conformance.generate.values import generate
from aws_conformance.http import Request, Response, uncarriable
from aws_conformance.protocols import Finding
from aws_conformance.protocols.routing import route
from aws_conformance.reference.carriable import arrives
from aws_conformance.reference.generated import GeneratedService
from aws_conformance.spec.botocore import load_service, service_names
from aws_conformance.spec.patterns.refusal import PatternRefused
from aws_conformance.spec.schema.vocabulary import Side
from aws_conformance.spec.shapes import MapShape, Member, Operation, Service

LEDGER = Path(__file__).parent.parent / "tests" / "protocols" / "round-trip-exclusions.yaml"
# Nothing is sent there: the client only needs an address, and one with TLS for bearer tokens.
_ENDPOINT = "https://127.0.0.1:8443"
# How often a document is made until one fits that its own pattern allows but no header holds.
_TRIES = 200
# How many operations of a service are in a sample.
_PORTION = 24
# Services that speak what few others do, three protocols the first of them.
_OF_RARE_PROTOCOLS = ("cloudwatch", "ec2", "s3", "route53", "iam")


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs of a case on its way: at which stage, at which place of the document, and what."""

    stage: str
    place: str
    detail: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A difference that is known, of the operations and places that patterns fit, and why.

    Where the place is `*` it is the operation that can't be compared; else a member that botocore's
    client rewrites on its way.
    """

    service: str
    operation: str
    stage: str
    place: str
    reason: str

    def covers(self, service: str, operation: str, difference: Difference) -> bool:
        """Whether this is about that difference."""
        return (
            fnmatchcase(service, self.service)
            and fnmatchcase(operation, self.operation)
            and fnmatchcase(difference.stage, self.stage)
            and fnmatchcase(difference.place, self.place)
        )


@dataclass(frozen=True, slots=True)
class Trip:
    """What the server read of a request, what it answered and what the client made of that."""

    operation: str
    protocol: str | None
    findings: tuple[Finding, ...]
    document: Any
    output: Any
    response: Response
    parsed: Any
    refusal: str = ""


@dataclass(slots=True)
class Heard:
    """What came by of one request."""

    protocol: str | None = None
    operation: str = ""
    findings: tuple[Finding, ...] = ()
    document: Any = None
    output: Any = None
    response: Response = field(default_factory=lambda: Response(0))


class Wire:
    """botocore's client of a service over one protocol, and our server at its other end."""

    def __init__(self, name: str, protocol: str) -> None:
        self.contract: Contract = contract_of(name, protocol)
        self._name = name
        self._generated = GeneratedService(1)
        self._client = client_answered_by(self.answer, name, protocol, _ENDPOINT)
        self._heard = Heard()
        self._output: Any = None
        self._trees: dict[tuple[str, Side], Tree] = {}

    @property
    def service(self) -> Service:
        return self.contract.service

    def trip(self, operation: Operation, document: Any, output: Any) -> Trip:
        """There and back; the server answers with `output`, or what it makes up itself where that is None."""
        heard = self.expecting(output)
        value = native(self.service, operation.input, document) if operation.input else {}
        refusal, parsed = "", None
        try:
            parsed = plain(self._client._make_api_call(operation.name, value))
            parsed.pop("ResponseMetadata", None)
        except Exception as error:
            # Whatever the client does not survive is a difference.
            refusal = f"{type(error).__name__}: {error}"
        return Trip(
            heard.operation,
            heard.protocol,
            heard.findings,
            heard.document,
            heard.output,
            heard.response,
            parsed,
            refusal,
        )

    def expecting(self, output: Any) -> Heard:
        """What will come by of the next request, which is answered with `output`."""
        self._heard, self._output = Heard(), output
        return self._heard

    def answer(self, request: Request, host: str) -> Response:
        """The server's answer to a request."""
        path = route(request, host, among=(self._name,), assumed=self._name)
        if path is None or path.protocol is None:
            return Response(404)
        contract = contract_of(path.service, path.protocol)

        def respond(contract: OperationContract, document: Any) -> Response:
            output = self._output
            if output is None:
                output = self._generated.output(contract, document)
            self._heard.document, self._heard.output = document, output
            return contract.encode_response(output)

        answer = self._generated.answer(contract, request, respond)
        self._heard.protocol, self._heard.operation = path.protocol, answer.operation
        self._heard.findings = contract.protocol.decode_request(contract.service, request).findings
        self._heard.response = answer.response
        return answer.response

    def tree(self, operation: Operation, side: Side) -> Tree:
        """What is walked to make documents of a side, of the domain that the wire can say."""
        key = (operation.name, side)
        if key not in self._trees:
            domain = input_domain if side == "input" else output_domain
            schema = self.contract.schema(operation.name, side)
            self._trees[key] = compile_schema(
                domain(schema, self.service, operation, self.contract.protocol_name)
            )
        return self._trees[key]

    def document(self, operation: Operation, side: Side, choices: str | None) -> Any:
        """A document of a side: the smallest, or one made of choices. Raises PatternRefused without any."""
        root = operation.input if side == "input" else operation.output
        if root is None:
            return {}
        protocol = self.contract.protocol_name
        for attempt in range(_TRIES):
            source = RecordedChoices(()) if choices is None else SeededChoices(f"{choices}:{attempt}")
            document = generate(self.tree(operation, side), source)
            if side == "input":
                document = sayable(document, protocol)
                travels = not uncarriable(
                    self.contract.protocol.encode_request(self.service, operation, document)
                )
            else:
                travels = arrives(self.contract.of(operation), document)
            if travels:
                return document
            choices = choices or "smallest"
        raise PatternRefused("", "no document that headers can hold")


def differences(wire: Wire, operation: Operation, document: Any, trip: Trip) -> Iterator[Difference]:
    """What differs of a case on its way there and back."""
    if trip.refusal:
        yield Difference("refused", "", trip.refusal[:300])
        return
    protocol = wire.contract.protocol_name
    if (trip.operation, trip.protocol) != (operation.name, protocol):
        yield Difference("route", "", f"read as {trip.operation} over {trip.protocol}")
        return
    if trip.findings:
        yield Difference("request findings", "", str(trip.findings[0]))
    service = wire.service
    read = without_tokens(service, operation, trip.document, document)
    yield from unlike(
        "request", meant(service, operation.input, document), meant(service, operation.input, read)
    )
    decoded = wire.contract.protocol.decode_response(service, operation, trip.response)
    if decoded.findings:
        yield Difference("response findings", "", str(decoded.findings[0]))
    unfit = [
        finding
        for finding in wire.contract.validator(operation.name, "output").findings(decoded.document)
        if not finding.advisory
    ]
    if unfit:
        yield Difference("schema", "", str(unfit[0]))
    output = meant(service, operation.output, trip.output)
    yield from unlike("decoded", output, meant(service, operation.output, decoded.document))
    parsed = without_nothing(service, operation.output, comparable(trip.parsed))
    yield from unlike("parsed", output, parsed)


def meant(service: Service, root: str | None, document: Any) -> Any:
    """What a document means, in one form."""
    if root is None:
        return {}
    return without_nothing(service, root, comparable(native(service, root, document)))


def without_nothing(service: Service, root: str | None, value: Any) -> Any:
    """A value without payloads and headers of nothing, which an empty body and no headers are as well."""
    structure = service.structure(root)
    value = {
        name: item
        for name, item in value.items()
        if not (item == {} and name in structure.members and structure.members[name].location == "headers")
    }
    stream = service.event_stream(root)
    if stream is not None and isinstance(value.get(stream.name), list):
        events = [_without_empty_payload(service, stream, event) for event in value[stream.name]]
        value = {**value, stream.name: events}
    payload = structure.payload or (stream.name if stream is not None else None)
    if payload is not None and value.get(payload) in ({}, [], "", b"", None):
        return {name: item for name, item in value.items() if name != payload}
    return value


def _without_empty_payload(service: Service, stream: Member, event: Any) -> Any:
    """An event without a payload of no bytes, which is the same as none."""
    kinds = service.structure(stream.target).members
    result = {}
    for kind, content in event.items():
        members = service.structure(kinds[kind].target).members if kind in kinds else {}
        result[kind] = {
            name: item
            for name, item in content.items()
            if not (name in members and members[name].event_payload and item in ("", b""))
        }
    return result


def without_tokens(service: Service, operation: Operation, read: Any, document: Any) -> Any:
    """What the server read without what clients fill in, and what stands in two members of the input."""
    members = service.structure(operation.input).members
    result = {}
    for name, value in read.items():
        member = members.get(name)
        if member is not None and member.idempotency_token and name not in document:
            continue
        if (
            member is not None
            and isinstance(service.shape(member.target), MapShape)
            and isinstance(value, dict)
        ):
            if member.location == "querystring":
                # Servers put the parameters of named members into the map as well.
                sent = document.get(name, {})
                value = {key: item for key, item in value.items() if key in sent}
                if not value and name not in document:
                    continue
            if member.location == "headers":
                value = _as_sent(member.location_name or "", value, document.get(name))
                if value is None:
                    continue
        result[name] = value
    return result


def _as_sent(prefix: str, value: dict[str, Any], sent: Any) -> dict[str, Any] | None:
    """Headers by the names that they were sent under; without those of other members where all are taken."""
    if sent is None:
        return value if prefix else None
    names = {name.lower(): name for name in sent}
    held = {names.get(name.lower(), name): text for name, text in value.items()}
    return held if prefix else {name: text for name, text in held.items() if name in sent}


def unlike(stage: str, expected: Any, actual: Any, place: str = "$") -> Iterator[Difference]:
    if expected == actual and isinstance(expected, bool) == isinstance(actual, bool):
        return
    match expected, actual:
        case dict(), dict():
            for name in sorted(expected.keys() | actual.keys()):
                absent = "(nothing)"
                yield from unlike(
                    stage, expected.get(name, absent), actual.get(name, absent), f"{place}.{name}"
                )
        case list(), list() if len(expected) == len(actual):
            for index, (left, right) in enumerate(zip(expected, actual, strict=True)):
                yield from unlike(stage, left, right, f"{place}[{index}]")
        case _:
            detail = f"{str(expected)[:120]!r} meant, {str(actual)[:120]!r} read"
            yield Difference(stage, place, detail)


@dataclass(slots=True)
class Tally:
    """What came of some cases: their number, what differs by operation, which changes went unnoticed."""

    cases: int = 0
    operations: set[str] = field(default_factory=set)
    differing: dict[str, Difference] = field(default_factory=dict)
    applied: Counter[Exclusion] = field(default_factory=Counter)
    changes: int = 0
    unnoticed: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in what came of other cases."""
        self.cases += other.cases
        self.operations |= other.operations
        self.differing |= other.differing
        self.applied += other.applied
        self.changes += other.changes
        self.unnoticed += other.unnoticed


def read_ledger(file: Path = LEDGER) -> tuple[Exclusion, ...]:
    """What is known to differ."""
    rows = yaml.safe_load(file.read_text("utf-8"))
    return tuple(
        Exclusion(row["service"], row["operation"], row["stage"], row.get("place", "*"), row["reason"])
        for row in rows
    )


def go_round(
    name: str,
    protocol: str,
    seeds: Sequence[int],
    cases: int,
    ledger: Sequence[Exclusion],
    operations: Sequence[str] | None = None,
) -> Tally:
    """What came of the cases of a service's operations (all, or those named) over one protocol."""
    tally = Tally()
    wire = Wire(name, protocol)
    for operation in wire.service.operations.values():
        if operations is not None and operation.name not in operations:
            continue
        title = f"{name}:{operation.name} over {protocol}"
        tally.operations.add(title)
        for seed in seeds:
            for index in range(cases):
                tally.cases += 1
                choices = f"{seed}:{title}:{index}" if index else None
                for difference in _case(wire, operation, choices, seed, ledger, tally):
                    row = _known(ledger, name, operation.name, difference)
                    if row is None:
                        tally.differing.setdefault(title, difference)
                    else:
                        tally.applied[row] += 1
    return tally


def _known(
    ledger: Sequence[Exclusion], service: str, operation: str, difference: Difference
) -> Exclusion | None:
    return next((row for row in ledger if row.covers(service, operation, difference)), None)


def _case(
    wire: Wire,
    operation: Operation,
    choices: str | None,
    seed: int,
    ledger: Sequence[Exclusion],
    tally: Tally,
) -> list[Difference]:
    """What differs of one case; whether changes of its values show is put down in the tally."""
    try:
        document = wire.document(operation, "input", choices)
        # The smallest request is answered with what `serve` makes up, which is as full as can be.
        output = wire.document(operation, "output", choices) if choices else None
    except PatternRefused as error:
        return [Difference("unsatisfiable", "", str(error))]
    trip = wire.trip(operation, document, output)
    unlike = list(differences(wire, operation, document, trip))
    if not unlike and choices:
        rng = Random(f"{seed}:{choices}")
        _change(wire, operation, document, output, rng, tally)
    return unlike


def _change(wire: Wire, operation: Operation, document: Any, output: Any, rng: Random, tally: Tally) -> None:
    """Send the case again with one value changed on each side, and put down if that is noticed."""
    sent = _changed(wire, operation, "input", document, rng)
    answered = _changed(wire, operation, "output", output, rng)
    if sent is None and answered is None:
        return
    trip = wire.trip(operation, document if sent is None else sent, output if answered is None else answered)
    if trip.refusal:
        return
    meant = replace(trip, output=output)
    stages = {difference.stage for difference in differences(wire, operation, document, meant)}
    for side, changed, stage in (("input", sent, "request"), ("output", answered, "parsed")):
        if changed is not None:
            tally.changes += 1
            if stage not in stages:
                tally.unnoticed.append(f"{wire.service.name}:{operation.name} {side}")


def _changed(wire: Wire, operation: Operation, side: Side, document: Any, rng: Random) -> Any:
    """The document with one value altered or left out, still valid; None where that can't be done."""
    root = operation.input if side == "input" else operation.output
    places = list(leaves(wire.service, root, document)) if root is not None else []
    if not places:
        return None
    path, _ = rng.choice(places)
    changed = (
        without(document, path) if rng.random() < 0.5 else altered(wire.service, root or "", document, path)
    )
    domain = sayable(changed, wire.contract.protocol_name) if side == "input" else changed
    unfit = [
        finding
        for finding in wire.contract.validator(operation.name, side).findings(domain)
        if not finding.advisory
    ]
    member = wire.service.structure(root).members[str(path[0])]
    # A client fills in a token; a status is that of the message; what is the same is no change.
    same = member.idempotency_token or member.location == "statusCode" or domain == document
    return None if unfit or same else domain


Portion: TypeAlias = tuple[str, str, tuple[str, ...] | None]


def sample(count: int) -> list[Portion]:
    """So many operations, of services over all protocols; the same for every run."""
    portions: list[Portion] = []
    left = count
    names = sorted(service_names(), key=_shuffled)
    for name in dict.fromkeys((*_OF_RARE_PROTOCOLS, *names)):
        for protocol in load_service(name).protocols if left else ():
            operations = sorted(load_service(name).operations, key=_shuffled)[: min(_PORTION, left)]
            portions.append((name, protocol, tuple(operations)))
            left -= len(operations)
    return [portion for portion in portions if portion[2]]


def _shuffled(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def run(portions: Sequence[Portion], seeds: int, cases: int, processes: int) -> Tally:
    """What came of some operations of services, by several processes."""
    ledger = read_ledger()
    tally = Tally()
    work = partial(_portion, seeds=range(1, seeds + 1), cases=cases, ledger=ledger)
    if processes == 1:
        for part in map(work, portions):
            tally.add(part)
        return tally
    with ProcessPoolExecutor(processes) as pool:
        for part in pool.map(work, portions):
            tally.add(part)
    return tally


def _portion(portion: Portion, seeds: Sequence[int], cases: int, ledger: Sequence[Exclusion]) -> Tally:
    name, protocol, operations = portion
    return go_round(name, protocol, seeds, cases, ledger, operations)


def main(arguments: Sequence[str] | None = None) -> int:
    """Go round with the operations of some services, or all; 1 if what is not known differs, else 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("services", nargs="*", help="all by default")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--cases", type=int, default=5, help="for each operation and seed")
    parser.add_argument("--sample", type=int, help="about so many operations of all services")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    everything = options.sample is None and not options.services
    portions: list[Portion] = (
        sample(options.sample)
        if options.sample
        else [
            (name, protocol, None)
            for name in options.services or service_names()
            for protocol in load_service(name).protocols
        ]
    )
    tally = run(portions, options.seeds, options.cases, options.processes)
    for title, difference in sorted(tally.differing.items()):
        print(f"DIFFERS {title}: {difference.stage} {difference.place} {difference.detail}")
    stale = [row for row in read_ledger() if everything and not tally.applied[row]]
    for row in stale:
        print(f"STALE {row.service}:{row.operation} {row.stage} {row.place}: {row.reason}")
    excluded = sum(1 for row in tally.applied if row.place == "*")
    noticed = tally.changes - len(tally.unnoticed)
    for line in tally.unnoticed[:20]:
        print(f"unnoticed: {line}")
    print(f"{noticed} of {tally.changes} changed values noticed")
    print(
        f"{len(tally.operations)} operations, {tally.cases} cases, {len(tally.differing)} differ,"
        f" {excluded} excluded"
    )
    return 1 if tally.differing or stale or not tally.cases else 0


if __name__ == "__main__":
    sys.exit(main())
