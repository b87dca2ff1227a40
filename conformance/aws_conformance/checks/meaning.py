# SPDX-License-Identifier: Apache-2.0
"""Checks of what one answer means: dates that can be held, a success that is one, members that are known.

Each looks at a readable document against shapes and against what was sent. It refuses to know types and
lexical forms (body.py), and what other answers said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from ..protocols.findings import Path
from ..spec.schema.validate import SchemaFinding
from ..spec.shapes import UNKNOWN_MEMBER, ListShape, MapShape, Service, StructureShape, TimestampShape
from .check import CASE_SUCCESS, DOCUMENT, EXCHANGE, SUCCESS, Breach, Check, as_it_is
from .citations import JSON, MODEL, RECORDED
from .common_errors import framework_codes
from .digests import digest_differs
from .echoes import member_changed
from .narrowing import EARLIEST, LATEST, hollow_member, with_bounded_dates, without_type, wrapped
from .response import AnswerCheck, DecodedResponse, shorten

__all__ = [
    "ROWS",
    "document_foreign",
    "document_hollow",
    "is_foreign",
    "member_case",
    "member_changed",
    "member_echo",
    "member_unknown",
    "nonexistent_accepted",
    "required_null",
    "success_is_error",
    "timestamp_range",
    "unknown_members",
]

_NONEXISTENT = re.compile(r"NotFound|NoSuch|NonExistent|DoesNotExist|Unknown(?!Operation)")
# Asked twice to take away what is not there, AWS often succeeds.
_IDEMPOTENT = ("Delete", "Detach", "Disassociate", "Deregister", "Remove", "Untag")


def timestamp_range(answer: DecodedResponse) -> Iterator[Breach]:
    """Dates that no SDK can hold: milliseconds for seconds, mostly."""
    document = _document(answer)
    if document is None:
        return
    for path, value in _timestamps(answer.service, answer.root, document, ()):
        # What is no number at all has a check of its own.
        if math.isfinite(value) and not EARLIEST <= value <= LATEST:
            yield Breach(path, "a date within the years 1 to 9999", shorten(value))


def _timestamps(service: Service, name: str | None, value: Any, path: Path) -> Iterator[tuple[Path, float]]:
    """Numbers that stand for dates, with their places."""
    holders = service.timestamp_holders
    if name is None or name not in holders:
        return
    match service.shapes[name], value:
        case TimestampShape(), bool():
            return
        case TimestampShape(), int() | float():
            yield path, value
        case StructureShape(members=members), dict():
            for key, item in value.items():
                if key in members and members[key].target in holders:
                    yield from _timestamps(service, members[key].target, item, (*path, key))
        case ListShape(member=member), list():
            for index, item in enumerate(value):
                yield from _timestamps(service, member.target, item, (*path, index))
        case MapShape(value=member), dict():
            for key, item in value.items():
                yield from _timestamps(service, member.target, item, (*path, key))
        case _:
            return


def success_is_error(answer: DecodedResponse) -> Iterator[Breach]:
    """A 2xx whose body is an error: SDKs take it for a success without members."""
    document = _document(answer)
    if answer.kind != "success" or document is None:
        return
    named = document.get("__type")
    if isinstance(named, str):
        code = named.partition(":")[0].rpartition("#")[2].strip()
        if code in framework_codes() or code in answer.service.declared_codes:
            yield Breach(
                answer.code_path,
                "a success",
                f"the error {code} under {answer.response.status}",
            )


def document_foreign(answer: DecodedResponse) -> Iterator[Breach]:
    """An answer none of whose members is known: an envelope of another protocol, or a flattened one."""
    root = _foreign_root(answer)
    if root is not None and not any(success_is_error(answer)):
        document = _document(answer) or {}
        names = ", ".join(list(root.members)[:10])
        yield Breach((), f"members of the output ({names})", shorten(list(document)))


def is_foreign(answer: DecodedResponse) -> bool:
    """Whether a success is another operation's answer: its root, or none of its members, is this one's."""
    return _foreign_root(answer) is not None or (
        answer.kind == "success" and any(finding.rule == "body.root" for finding in answer.findings)
    )


def document_hollow(answer: DecodedResponse) -> Iterator[Breach]:
    """A success without the one structure that its output is made of.

    Of 431 recorded answers of such operations two lack it, both of operations that get what may not be there.
    """
    document = _document(answer)
    if answer.kind != "success" or document is None:
        return
    name = hollow_member(answer.service, answer.operation)
    if name is not None and document.get(name) is None and not document.keys() - {name}:
        yield Breach((name,), "the member that the output is made of", "null" if document else "nothing")


def _foreign_root(answer: DecodedResponse) -> StructureShape | None:
    """The output's shape, if the document has members and none of them is the shape's, in any case.

    A lone member that another operation's output has is no envelope and may be told as unknown: of 2,136
    recorded answers one is so. Several are another operation's answer.
    """
    document = _document(answer)
    if answer.kind != "success" or not document or answer.root is None:
        return None
    shape = answer.service.shapes[answer.root]
    if not isinstance(shape, StructureShape) or not shape.members:
        return None
    known = {name.lower() for name in shape.members}
    if any(name.lower() in known for name in document):
        return None
    elsewhere = any(members.issuperset(document) for members in answer.service.output_members)
    return None if elsewhere and len(document) == 1 else shape


def member_case(answer: DecodedResponse) -> Iterator[Breach]:
    """A known member under another case, which clients drop silently; errors' texts have their own check."""
    if answer.kind != "success":
        return
    for finding in unknown_members(answer):
        close = _another_case(finding)
        if close:
            yield Breach(finding.path, f"the member {close}", str(finding.path[-1]))


def unknown_members(answer: DecodedResponse) -> Iterator[SchemaFinding]:
    """Members that the model lacks; Smithy lets a service name the type of any structure."""
    for finding in answer.unfit:
        if (
            finding.keyword == "additionalProperties"
            and not finding.advisory
            and finding.path[-1] != "__type"
        ):
            yield finding


def member_unknown(answer: DecodedResponse) -> Iterator[Breach]:
    """Members that the model lacks and nobody sent."""
    if _foreign_root(answer) is not None:
        return
    for finding in unknown_members(answer):
        if not _another_case(finding) and not _is_echo(answer, finding):
            yield Breach(finding.path, "only modelled members", _shown(finding))


def member_echo(answer: DecodedResponse) -> Iterator[Breach]:
    """Members that the model lacks and that came with the request."""
    for finding in unknown_members(answer):
        if not _another_case(finding) and _is_echo(answer, finding):
            yield Breach(finding.path, "only modelled members", f"what was sent: {_shown(finding)}")


def _shown(finding: SchemaFinding) -> str:
    return f"{finding.path[-1]}: {shorten(finding.value, 60)}"


def _another_case(finding: SchemaFinding) -> str:
    name = str(finding.path[-1]).lower()
    return next((known for known in finding.bound if known.lower() == name), "")


def _is_echo(answer: DecodedResponse, finding: SchemaFinding) -> bool:
    name = str(finding.path[-1])
    # What an earlier request was given is shown for as long as it is stored.
    if name == UNKNOWN_MEMBER:
        return True
    return any(key == name and value == finding.value for key, value in _pairs(answer.sent))


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member anywhere in a document."""
    if isinstance(value, dict):
        yield from value.items()
        for item in value.values():
            yield from _pairs(item)
    elif isinstance(value, list):
        for item in value:
            yield from _pairs(item)


def required_null(answer: DecodedResponse) -> Iterator[SchemaFinding]:
    """Findings of null where a required member should be: to a client it is absent."""
    for finding in answer.unfit:
        if finding.keyword == "type" and finding.value is None and not finding.advisory:
            member = finding.path[-1] if finding.path else 0
            holder = _shape_at(answer.service, answer.root, finding.path[:-1])
            if isinstance(member, str) and isinstance(holder, StructureShape) and member in holder.required:
                yield finding


def _shape_at(service: Service, root: str | None, path: Path) -> object:
    name = root
    for step in path:
        match service.shapes.get(name) if name else None:
            case StructureShape(members=members):
                name = members[str(step)].target if str(step) in members else None
            case ListShape(member=member) | MapShape(value=member):
                name = member.target
            case _:
                return None
    return service.shapes.get(name) if name else None


def nonexistent_accepted(answer: DecodedResponse) -> Iterator[Breach]:
    """A success for a well-formed identifier that nobody has, of an operation that declares not-found."""
    expectation = answer.expectation
    if expectation is None or not expectation.nonexistent or answer.kind != "success":
        return
    codes = [answer.service.error_code(name) for name in answer.operation.errors]
    missing = [code for code in codes if _NONEXISTENT.search(code)]
    if missing and not answer.operation.name.startswith(_IDEMPOTENT):
        place = f"(request {expectation.pointer or '/'})"
        yield Breach((place,), " or ".join(missing), f"status {answer.response.status}", expectation.pointer)


def _document(answer: DecodedResponse) -> dict[str, Any] | None:
    document = answer.decoded.document if answer.decoded is not None and answer.decoded.readable else None
    return document if isinstance(document, dict) else None


ROWS: tuple[AnswerCheck, ...] = (
    Check(
        "request.nonexistent.accepted",
        "A request for what nobody has is refused where the operation declares an error for that.",
        "warning",
        "MODEL",
        f"{MODEL}: the operation's errors",
        nonexistent_accepted,
        about=CASE_SUCCESS,
    ),
    Check(
        "response.document.foreign",
        "A success has members of the operation's output, under no envelope but the protocol's.",
        "error",
        "MODEL",
        f"{MODEL}; SDKs find none of its members",
        document_foreign,
        about=DOCUMENT,
    ),
    Check(
        "response.document.hollow",
        "A success has the structure that its output is made of.",
        "warning",
        "OBSERVED",
        f"{RECORDED}: 429 of 431",
        document_hollow,
        about=SUCCESS,
        narrowed=wrapped,
    ),
    Check(
        "response.digest",
        "A checksum or digest is that of the bytes that it is of; SDKs compute it, too, and fail.",
        "error",
        "DOC",
        "Amazon S3, checking object integrity; Amazon SQS, MD5 message digest",
        digest_differs,
        about=EXCHANGE,
    ),
    Check(
        "response.member.case",
        "A member is written as the model writes it; clients drop it under another case.",
        "error",
        "MODEL",
        MODEL,
        member_case,
        about=DOCUMENT,
    ),
    Check(
        "response.member.changed",
        "What was sent and is shown under the same member has the same value.",
        "warning",
        "MODEL",
        f"{MODEL}: the same shape in input and output",
        member_changed,
        about=SUCCESS,
        narrowed=as_it_is,
    ),
    Check(
        "response.member.echo",
        "An answer does not repeat what the model lacks and the request brought.",
        "note",
        "MODEL",
        MODEL,
        member_echo,
        about=DOCUMENT,
    ),
    Check(
        "response.member.unknown",
        "A response has no member that the model lacks; clients drop it silently.",
        "warning",
        "MODEL",
        MODEL,
        member_unknown,
        about=DOCUMENT,
    ),
    Check(
        "response.success.error",
        "A success is not an error under another status.",
        "error",
        "PROTOCOL",
        f"{JSON}; SDKs take it for a success without members",
        success_is_error,
        about=SUCCESS,
        narrowed=without_type,
    ),
    Check(
        "response.timestamp.range",
        "A date lies within the years 1 to 9999, which is all that SDKs can hold.",
        "error",
        "PROTOCOL",
        "date types of the AWS SDKs for Python, JavaScript, Java and Go",
        timestamp_range,
        about=SUCCESS,
        narrowed=with_bounded_dates,
    ),
)
