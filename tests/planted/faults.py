# SPDX-License-Identifier: Apache-2.0
"""The rows: what is done to an answer that shows some structure, or a list of texts, or to a refusal.

A row changes successes or errors, never both, so that each fault has one place. Bytes are changed, not
documents, wherever the fault lies in the bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from aws_conformance.http import Response
from aws_conformance.results.terms import Severity

__all__ = ["FAULTS", "GROUP", "IMPORT_JOB", "Fault", "Subject", "faults"]

Change: TypeAlias = Callable[[Response], Response]
Answers: TypeAlias = Literal["success", "error"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What faults are planted in: the operations, the structure that they show, and members of it by type.

    `called` is what rows call the structure; `strings` is a list of texts at the root of another answer,
    `state` a member whose values are listed, each where the subject has it.
    """

    operations: tuple[str, ...]
    structure: str
    called: str
    date: str
    identifier: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    optional: str
    strings: str = ""
    state: str = ""


IMPORT_JOB = Subject(
    operations=("cognito-idp:DescribeUserImportJob", "cognito-idp:GetCSVHeader"),
    structure="UserImportJob",
    called="job",
    date="CreationDate",
    identifier="JobId",
    texts=("JobName", "JobId", "UserPoolId", "CloudWatchLogsRoleArn", "Status"),
    numbers=("ImportedUsers", "SkippedUsers", "FailedUsers"),
    optional="CompletionMessage",
    strings="CSVHeader",
    state="Status",
)
GROUP = Subject(
    operations=("cognito-idp:GetGroup", "cognito-idp:UpdateGroup"),
    structure="Group",
    called="group",
    date="CreationDate",
    identifier="GroupName",
    texts=("GroupName", "UserPoolId"),
    numbers=("Precedence",),
    optional="Description",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its name, the answers that it is planted in, and the least severity that it must get."""

    name: str
    answers: Answers
    severity: Severity
    change: Change

    def plant(self, response: Response) -> Response:
        """The response with the fault, if it is one of the answers that have it."""
        success = 200 <= response.status < 300
        return self.change(response) if success == (self.answers == "success") else response


def _document(change: Callable[[dict[str, Any]], Any]) -> Change:
    """What changes the body's document; it may change it in place, or return another one."""

    def apply(response: Response) -> Response:
        document = json.loads(response.body)
        changed = change(document)
        body = json.dumps(document if changed is None else changed, ensure_ascii=False)
        return replace(response, body=body.encode("utf-8", "surrogatepass"))

    return apply


def _within(subject: Subject, change: Callable[[dict[str, Any]], Any]) -> Change:
    """What changes the structure in a document that has one."""

    def apply(document: dict[str, Any]) -> None:
        if isinstance(document.get(subject.structure), dict):
            change(document[subject.structure])

    return _document(apply)


def _member(subject: Subject, name: str, value: Any) -> Change:
    """A member of the structure with another value."""
    return _within(subject, lambda held: held.update({name: value}))


def _text(pattern: str, replacement: str) -> Change:
    """The body's text with the first match replaced."""
    return lambda response: replace(
        response, body=re.sub(pattern, replacement, response.body.decode(), count=1).encode()
    )


def _bytes(change: Callable[[bytes], bytes]) -> Change:
    return lambda response: replace(response, body=change(response.body))


def _header(name: str, *values: str) -> Change:
    """The response with a header's values exchanged; without values the header is left out."""

    def apply(response: Response) -> Response:
        others = tuple(pair for pair in response.headers if pair[0].lower() != name.lower())
        return replace(response, headers=others + tuple((name, value) for value in values))

    return apply


def _status(status: int) -> Change:
    return lambda response: replace(response, status=status)


def _body(text: str, content_type: str = "application/x-amz-json-1.1") -> Change:
    def apply(response: Response) -> Response:
        return _header("Content-Type", content_type)(replace(response, body=text.encode()))

    return apply


def _values(subject: Subject) -> Iterator[Fault]:
    """Members of the job with values of a wrong type or form."""
    strings: dict[str, Any] = {
        "a number": 7,
        "a boolean": True,
        "a list": ["a"],
        "an object": {"a": "b"},
    }
    for name in subject.texts:
        for form, value in strings.items():
            yield Fault(f"{name} is {form}", "success", "error", _member(subject, name, value))
    numbers: dict[str, Any] = {
        "text": "0",
        "a decimal": 0.5,
        "a boolean": False,
        "a list": [0],
        "an object": {},
        "beyond 64 bits": 2**63,
        "far below 64 bits": -(2**70),
    }
    for name in subject.numbers:
        for form, value in numbers.items():
            yield Fault(f"{name} is {form}", "success", "error", _member(subject, name, value))
    dates: dict[str, Any] = {
        "an ISO date": "2026-11-23T10:00:00Z",
        "an HTTP date": "Mon, 23 Nov 2026 10:00:00 GMT",
        "a number in text": "1763892000",
        "milliseconds": 1763892000123,
        "microseconds": 1763892000123456,
        "beyond any year": 1e20,
        "before any year": -1e14,
        "a boolean": True,
        "a list": [1763892000],
        "an object": {"seconds": 1763892000},
        "empty text": "",
    }
    for form, value in dates.items():
        yield Fault(f"a date is {form}", "success", "error", _member(subject, subject.date, value))
    number = subject.numbers[0]
    yield Fault(
        "a whole number with a fraction",
        "success",
        "error",
        _text(rf'"{number}": ?\d+', f'"{number}":0.0'),
    )
    yield Fault(
        "a whole number with an exponent",
        "success",
        "error",
        _text(rf'"{number}": ?\d+', f'"{number}":0e0'),
    )
    yield Fault("a number is NaN", "success", "error", _text(rf'"{number}": ?\d+', f'"{number}":NaN'))
    yield Fault(
        "a number is Infinity", "success", "error", _text(rf'"{number}": ?\d+', f'"{number}":Infinity')
    )
    if subject.state:
        yield from _states(subject, subject.state)


def _states(subject: Subject, name: str) -> Iterator[Fault]:
    """Values that a member's list does not have."""
    capitals = _within(subject, lambda held: held.update({name: held[name].upper()}))
    yield Fault("a state that there isn't", "success", "warning", _member(subject, name, "Begun"))
    yield Fault("a state in capitals", "success", "warning", capitals)
    yield Fault("an empty state", "success", "warning", _member(subject, name, ""))


def _structure(subject: Subject) -> Iterator[Fault]:
    """Documents whose shape is another one."""
    structure, name = subject.structure, subject.identifier
    yield Fault(
        f"the {subject.called} is text",
        "success",
        "error",
        _document(lambda d: {**d, structure: subject.called} if structure in d else d),
    )
    yield Fault(
        f"the {subject.called} is a list",
        "success",
        "error",
        _document(lambda d: {**d, structure: [d[structure]]} if structure in d else d),
    )
    yield Fault(
        f"the {subject.called} is missing",
        "success",
        "warning",
        _document(lambda d: {} if structure in d else d),
    )
    yield Fault(
        f"the {subject.called} is null",
        "success",
        "warning",
        _document(lambda d: {**d, structure: None} if structure in d else d),
    )
    yield Fault(
        f"the {subject.called} is flattened into the root",
        "success",
        "error",
        _document(lambda d: d.get(structure, d)),
    )
    yield Fault(
        "an envelope of another protocol",
        "success",
        "error",
        _document(lambda d: {"Output": d, "Version": "1.0"}),
    )
    yield Fault(
        "an envelope named after the operation", "success", "error", _document(lambda d: {"Result": d})
    )
    yield Fault("members begin in lower case", "success", "error", _document(_lowered))
    yield Fault(
        "a member under another case",
        "success",
        "error",
        _within(subject, lambda held: held.update({name.lower(): held.pop(name)})),
    )
    yield Fault(
        "a member in snake case",
        "success",
        "warning",
        _within(subject, lambda held: held.update({_snake(name): held.pop(name)})),
    )
    yield Fault(
        "a member that there isn't",
        "success",
        "warning",
        _within(subject, lambda held: held.update(Colour="red")),
    )
    yield Fault(
        "a member that there isn't at the root",
        "success",
        "warning",
        _document(lambda d: {**d, "Colour": "red"}),
    )
    yield Fault("a null member", "success", "note", _member(subject, subject.optional, None))
    if subject.strings:
        yield from _lists(subject)
    yield Fault("the root is a list", "success", "error", _document(lambda d: [d]))
    yield Fault("the root is text", "success", "error", _document(lambda d: json.dumps(d)))
    yield Fault("the root is null", "success", "error", _body("null"))
    yield Fault("the root is a number", "success", "error", _body("1"))
    yield Fault(
        "another pool than was asked for",
        "success",
        "warning",
        _member(subject, "UserPoolId", "us-east-1_AAAAAAAAA"),
    )


def _lists(subject: Subject) -> Iterator[Fault]:
    """A list of texts that is none."""
    yield Fault("the list of columns is text", "success", "error", _strings(subject, "a,b"))
    yield Fault("the list of columns is an object", "success", "error", _strings(subject, {"0": "a"}))
    yield Fault("a column is a number", "success", "error", _strings(subject, ["a", 1]))
    yield Fault("a column is null", "success", "warning", _strings(subject, ["a", None]))
    yield Fault("a column is a list", "success", "error", _strings(subject, [["a"]]))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{name[:1].lower()}{name[1:]}": _lowered(item) for name, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def _strings(subject: Subject, value: Any) -> Change:
    return _document(lambda d: {**d, subject.strings: value} if subject.strings in d else d)


def _text_faults(subject: Subject) -> Iterator[Fault]:
    """Bodies that are no JSON of the protocol."""
    text = subject.texts[0]
    members = ",".join(
        f'"{name}":{empty}' for name, empty in ((subject.strings, "[]"), (subject.structure, "{}")) if name
    )
    yield Fault("the body is cut off", "success", "error", _bytes(lambda body: body[:-1]))
    yield Fault(
        "the body ends in the middle", "success", "error", _bytes(lambda body: body[: len(body) // 2])
    )
    yield Fault("the body is empty", "success", "error", _bytes(lambda body: b""))
    yield Fault("something behind the document", "success", "error", _bytes(lambda body: body + b"}"))
    yield Fault("two documents", "success", "error", _bytes(lambda body: body + b"{}"))
    yield Fault("a trailing comma", "success", "error", _bytes(lambda body: body[:-1] + b",}"))
    yield Fault("a comment", "success", "error", _bytes(lambda body: b"/* */" + body))
    yield Fault("single quotes", "success", "error", _bytes(lambda body: body.replace(b'"', b"'")))
    yield Fault("a byte-order mark", "success", "error", _bytes(lambda body: b"\xef\xbb\xbf" + body))
    yield Fault("UTF-16", "success", "error", _bytes(lambda body: body.decode().encode("utf-16")))
    yield Fault(
        "bytes that are no UTF-8", "success", "error", _bytes(lambda body: body.replace(b'"', b'"\xff', 1))
    )
    yield Fault("a key twice", "success", "error", _text(r"^\{", "{" + members + ","))
    yield Fault(
        "a control character in a text", "success", "error", _text(rf'"{text}": ?"', f'"{text}":"\\u0001\n')
    )
    yield Fault("a web page", "success", "error", _body("<!DOCTYPE html><html></html>", "text/html"))
    yield Fault("XML", "success", "error", _body("<Response><Job/></Response>", "text/xml"))
    yield Fault(
        "a 2xx that is an error",
        "success",
        "error",
        _body('{"__type":"InternalErrorException","message":"no"}'),
    )
    yield Fault(
        "a 2xx that is an XML error", "success", "error", _body("<Error><Code>X</Code></Error>", "text/xml")
    )
    yield Fault(
        "a 2xx with an error's code beside the document",
        "success",
        "error",
        _document(lambda d: {**d, "__type": "InternalErrorException"}),
    )
    yield Fault(
        "one hundred thousand levels",
        "success",
        "error",
        _body(f'{{"{subject.strings or subject.structure}":' + "[" * 100_000 + "]" * 100_000 + "}"),
    )


def _envelope() -> Iterator[Fault]:
    """Status and headers, of successes and of errors."""
    for answers in ("success", "error"):
        kind: Answers = "success" if answers == "success" else "error"
        yield Fault(f"{kind}: no content type", kind, "warning", _header("Content-Type"))
        yield Fault(f"{kind}: text/plain", kind, "warning", _header("Content-Type", "text/plain"))
        yield Fault(f"{kind}: text/html", kind, "warning", _header("Content-Type", "text/html"))
        yield Fault(f"{kind}: application/json", kind, "warning", _header("Content-Type", "application/json"))
        yield Fault(
            f"{kind}: JSON 1.0", kind, "warning", _header("Content-Type", "application/x-amz-json-1.0")
        )
        yield Fault(f"{kind}: no request id", kind, "warning", _header("x-amzn-RequestId"))
        yield Fault(f"{kind}: an empty request id", kind, "warning", _header("x-amzn-RequestId", ""))
    for status in (201, 202, 203, 206):
        yield Fault(f"status {status}", "success", "warning", _status(status))
    for status in (301, 304, 400, 404, 500, 502, 503):
        yield Fault(f"a success under {status}", "success", "warning", _status(status))
    yield Fault("an error under 200", "error", "error", _status(200))
    yield Fault("an error under 404", "error", "warning", _status(404))
    yield Fault("an error under 500", "error", "error", _status(500))
    yield Fault("an error under 302", "error", "warning", _status(302))


def _errors() -> Iterator[Fault]:
    """Refusals whose code or text can't be read."""
    yield Fault("an error without a code", "error", "error", _document(_without_type))
    yield Fault("an error with an empty code", "error", "error", _document(lambda d: {**d, "__type": ""}))
    yield Fault(
        "an error whose code is a number", "error", "error", _document(lambda d: {**d, "__type": 400})
    )
    yield Fault("an error whose code is in its header alone", "error", "error", _document(_without_type))
    yield Fault(
        "an error's code under `code`",
        "error",
        "error",
        _document(lambda d: {"code": d.pop("__type", ""), **d}),
    )
    yield Fault(
        "an error's code under `Code`",
        "error",
        "error",
        _document(lambda d: {"Code": d.pop("__type", ""), **d}),
    )
    yield Fault(
        "an error with another code in its header",
        "error",
        "warning",
        _header("x-amzn-ErrorType", "ServiceUnavailableException"),
    )
    yield Fault(
        "a code with blanks around it",
        "error",
        "warning",
        _document(lambda d: {**d, "__type": f" {d.get('__type')} "}),
    )
    yield Fault(
        "a code that nobody documents",
        "error",
        "warning",
        _document(lambda d: {**d, "__type": "OhDearException"}),
    )
    yield Fault(
        "a code in lower case",
        "error",
        "warning",
        _document(lambda d: {**d, "__type": str(d.get("__type")).lower()}),
    )
    yield Fault(
        "a code of another operation",
        "error",
        "warning",
        _document(lambda d: {**d, "__type": "UsernameExistsException"}),
    )
    yield Fault("a text under Message", "error", "warning", _document(_capital_message))
    yield Fault("a text that is a number", "error", "error", _document(lambda d: {**d, "message": 1}))
    yield Fault(
        "a text that is an object", "error", "error", _document(lambda d: {**d, "message": {"a": "b"}})
    )
    yield Fault("an error is text", "error", "error", _body('"no"'))
    yield Fault("an error is a list", "error", "error", _document(lambda d: [d]))
    yield Fault("an error is cut off", "error", "error", _bytes(lambda body: body[:-2]))
    yield Fault("an error is empty", "error", "error", _bytes(lambda body: b""))
    yield Fault("an error is a web page", "error", "error", _body("<html><h1>400</h1></html>", "text/html"))
    yield Fault(
        "an error is XML",
        "error",
        "error",
        _body("<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>", "text/xml"),
    )
    yield Fault(
        "an error is no UTF-8", "error", "error", _bytes(lambda body: body.replace(b'"', b'"\xff', 1))
    )
    yield Fault(
        "an error within an envelope",
        "error",
        "error",
        _document(lambda d: {"Error": {"Code": d.get("__type"), "Message": d.get("message")}}),
    )


def _without_type(document: dict[str, Any]) -> None:
    document.pop("__type", None)


def _capital_message(document: dict[str, Any]) -> None:
    if "message" in document:
        document["Message"] = document.pop("message")


def faults(subject: Subject) -> tuple[Fault, ...]:
    """The faults, planted in a subject."""
    return (*_values(subject), *_structure(subject), *_text_faults(subject), *_envelope(), *_errors())


FAULTS: tuple[Fault, ...] = faults(IMPORT_JOB)
