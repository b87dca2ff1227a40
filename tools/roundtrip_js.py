# SPDX-License-Identifier: Apache-2.0
"""Operations of a service per protocol there and back: the AWS SDK for JavaScript v3, our server side.

It owns the table of services and how values reach the SDK and come back (tools/js/roundtrip.cjs). It refuses
to know how documents are made and compared, which roundtrip.py does. The SDK's clients are installed by npm
into .walks/js-protocols, at the versions below. They are made of the models of another week than botocore's:
operations and members that a client does not know are left out. Moments are whole seconds.

    python -m tools.roundtrip_js [SERVICE ...]
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aws_conformance.http import Request, Response
from aws_conformance.spec.patterns.refusal import PatternRefused
from aws_conformance.spec.schema.vocabulary import Side
from aws_conformance.spec.shapes import (
    ListShape,
    MapShape,
    Operation,
    Service,
    StructureShape,
    TimestampShape,
)
from aws_conformance.targets.server import serve

from .as_botocore import native
from .roundtrip import (
    Difference,
    Exclusion,
    Wire,
    meant,
    read_ledger,
    unlike,
    without_nothing,
    without_tokens,
)

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent
_FOLDER = _ROOT / ".walks" / "js-protocols"
_SCRIPT = _ROOT / "tools" / "js" / "roundtrip.cjs"


@dataclass(frozen=True, slots=True)
class SdkService:
    """A service with the protocol that the SDK's client of it speaks, and that client's version."""

    name: str
    protocol: str
    version: str
    client: str = ""

    @property
    def package(self) -> str:
        """The last word of the name of the SDK's package."""
        return self.client or self.name


SERVICES = (
    SdkService("dynamodb", "json", "3.1169.0"),
    SdkService("lambda", "rest-json", "3.1164.0"),
    SdkService("cloudfront", "rest-xml", "3.1164.0"),
    SdkService("iam", "query", "3.1169.0"),
    SdkService("ec2", "ec2", "3.1169.0"),
    SdkService("cloudwatch", "smithy-rpc-v2-cbor", "3.1164.0"),
)


# The SDK writes lengths of CBOR in more bytes than they need, which nobody forbids.
_TOLERATED = frozenset({"cbor.minimal"})
# Beside what botocore's client is known to do.
_EXCLUDED = (
    Exclusion(
        "ec2",
        "*VpcEndpointConnections",
        "*",
        "$*.TransitGatewayAttachmentId*",
        "The SDK's model is of before this member, whose name another operation has.",
    ),
    Exclusion(
        "ec2",
        "PurchaseCapacityBlock",
        "parsed",
        "$.CapacityReservations",
        "The SDK's model is of before this member, whose name another operation has.",
    ),
)


class SdkWire:
    """The SDK's client of a service in a process of its own, and our server at its other end."""

    def __init__(self, row: SdkService) -> None:
        self._row = row
        self.wire = Wire(row.name, row.protocol)
        self._server = serve(self._answer)
        cbor = ["cbor"] if row.protocol == "smithy-rpc-v2-cbor" else []
        modules = (_FOLDER / "node_modules" / "@aws-sdk" / f"client-{row.package}" / "dist-cjs").rglob("*.js")
        self.words = frozenset(
            word for file in modules for word in re.findall(r"\w+", file.read_text("utf-8"))
        )
        self._node = subprocess.Popen(
            ["node", str(_SCRIPT), str(_FOLDER), self._server.url, *cbor],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def document(self, operation: Operation, side: Side, choices: str | None) -> Any:
        """A document of a side that the SDK knows all of. Raises PatternRefused without any."""
        root = operation.input if side == "input" else operation.output
        return self._sayable(root, self.wire.document(operation, side, choices))

    def _sayable(self, name: str | None, document: Any) -> Any:
        service = self.wire.service
        match service.shapes.get(name or ""), document:
            case StructureShape(members=members), dict():
                return {
                    key: self._sayable(members[key].target, item)
                    for key, item in document.items()
                    if key in members and key in self.words
                }
            case ListShape(member=inner), list():
                return [self._sayable(inner.target, item) for item in document]
            case MapShape(value=inner), dict():
                return {key: self._sayable(inner.target, item) for key, item in document.items()}
            case TimestampShape(), int() | float():
                return int(document)
            case TimestampShape(), str():
                return re.sub(r"\.[0-9]+", "", document)
            case _:
                return document

    def __enter__(self) -> SdkWire:
        return self

    def __exit__(self, *_: object) -> None:
        self._node.kill()
        self._node.wait()
        self._server.close()

    def differences(self, operation: Operation, document: Any, output: Any) -> Iterator[Difference]:
        """What differs of a case on its way there and back."""
        service = self.wire.service
        heard = self.wire.expecting(output)
        sent = _tagged(native(service, operation.input, document)) if operation.input else {}
        answer = self._call(operation.name, sent)
        if "error" in answer:
            yield Difference("refused", "", answer["error"])
            return
        if (heard.operation, heard.protocol) != (operation.name, self._row.protocol):
            yield Difference("route", "", f"read as {heard.operation} over {heard.protocol}")
            return
        odd = [finding for finding in heard.findings if finding.rule not in _TOLERATED]
        if odd:
            yield Difference("request findings", "", str(odd[0]))
        read = without_tokens(service, operation, heard.document, document)
        yield from unlike(
            "request",
            _whole(meant(service, operation.input, document)),
            _whole(meant(service, operation.input, read)),
        )
        parsed = without_nothing(service, operation.output, _untagged(answer["output"]))
        yield from unlike("parsed", _whole(meant(service, operation.output, output)), _whole(parsed))

    def _call(self, operation: str, sent: Any) -> Mapping[str, Any]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        call = {"client": self._row.package, "operation": operation, "input": sent}
        self._node.stdin.write(f"{json.dumps(call)}\n")
        self._node.stdin.flush()
        answer: Mapping[str, Any] = json.loads(self._node.stdout.readline())
        return answer

    def _answer(self, request: Request) -> Response:
        return self.wire.answer(request, "127.0.0.1")


def _tagged(value: Any) -> Any:
    match value:
        case bytes():
            return {"$blob": base64.b64encode(value).decode("ascii")}
        case datetime():
            return {"$date": int(value.timestamp()) * 1000}
        case float() if not math.isfinite(value):
            return {"$float": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
        case dict():
            return {key: _tagged(item) for key, item in value.items()}
        case list():
            return [_tagged(item) for item in value]
        case _:
            return value


def _untagged(value: Any) -> Any:
    match value:
        case {"$blob": str(text)}:
            return base64.b64decode(text)
        case {"$date": int() | float() as moment}:
            return datetime.fromtimestamp(moment / 1000, UTC)
        case {"$float": str(text)}:
            return float(text)
        case dict():
            return {key: _untagged(item) for key, item in value.items()}
        case list():
            return [_untagged(item) for item in value]
        case _:
            return value


def _whole(value: Any) -> Any:
    """A value with moments in whole seconds and numbers as JavaScript has them, without what is empty."""
    match value:
        case datetime():
            return int(value.timestamp())
        case float() if math.isnan(value):
            return "NaN"
        case bool():
            return value
        case int() | float():
            return float(value)
        case dict():
            members = {key: _whole(item) for key, item in value.items()}
            return {key: item for key, item in members.items() if item not in ({}, [], None, "", b"")}
        case list():
            return [_whole(item) for item in value]
        case _:
            return value


def _is_plain(service: Service, operation: Operation) -> bool:
    """Whether neither side is a stream, which the SDK hands over in a form of its own."""
    for root in (operation.input, operation.output):
        structure = service.structure(root)
        payload = structure.members.get(structure.payload or "")
        if service.event_stream(root) is not None or (payload is not None and payload.streaming):
            return False
        if payload is not None and getattr(service.shape(payload.target), "streaming", False):
            return False
    return isinstance(service.shapes.get(operation.output or ""), StructureShape | None)


def _go_round(row: SdkService, most: int, cases: int) -> tuple[int, list[str]]:
    """How many cases were sent, and a line for each that differs."""
    differing: list[str] = []
    ledger = (*read_ledger(), *_EXCLUDED)
    sent = 0
    with SdkWire(row) as sdk:
        service = sdk.wire.service
        plain = [
            operation
            for operation in service.operations.values()
            if _is_plain(service, operation) and f"{operation.name}Command" in sdk.words
        ]
        for operation in plain[:most]:
            for number in range(cases):
                try:
                    document = sdk.document(operation, "input", f"js{number}" if number else None)
                    output = sdk.document(operation, "output", f"js{number}" if number else None)
                except PatternRefused:
                    continue
                sent += 1
                for difference in sdk.differences(operation, document, output):
                    if any(row.covers(service.name, operation.name, difference) for row in ledger):
                        continue
                    differing.append(f"{service.name}:{operation.name} {difference}")
                    break
    return sent, differing


def main(arguments: Sequence[str] | None = None) -> int:
    """Send the cases of each service and print what differs; 1 if something does, else 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("services", nargs="*", help="all of the table by default")
    parser.add_argument("--operations", type=int, default=1_000)
    parser.add_argument("--cases", type=int, default=5)
    options = parser.parse_args(arguments)
    rows = [row for row in SERVICES if not options.services or row.name in options.services]
    _install(rows)
    code = 0
    for row in rows:
        sent, differing = _go_round(row, options.operations, options.cases)
        for line in differing:
            print(f"DIFFERS {line}"[:400])
        print(f"{row.name} over {row.protocol}: {sent} cases, {len(differing)} differ", flush=True)
        code = 1 if differing or not sent else code
    return code


def _install(rows: Sequence[SdkService]) -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    lacking = [
        f"@aws-sdk/client-{row.package}@{row.version}"
        for row in rows
        if not (_FOLDER / "node_modules" / "@aws-sdk" / f"client-{row.package}").is_dir()
    ]
    if lacking:
        (_FOLDER / "package.json").write_text('{"private": true}\n', "utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *lacking]
        subprocess.run(command, cwd=_FOLDER, check=True)


if __name__ == "__main__":
    sys.exit(main())
