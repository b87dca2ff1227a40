# SPDX-License-Identifier: Apache-2.0
"""Rows for rules about bytes of protocols other than JSON's: headers, CBOR, event streams.

It owns rows of the table of miniatures. What they are made from stands in table.py.
"""

from __future__ import annotations

from collections.abc import Callable

from aws_conformance.http import Request, Response
from aws_conformance.protocols.event_frames import HeaderValue, Message, dump_message, read_messages

from .changes import Make, body, headers
from .table import AGENT, BLOCK, BUS, INCIDENT, ROLE, SESSION, Miniature

__all__ = ["WIRE_MINIATURES"]


def _succeeding(change: Callable[[Response], Response]) -> Make:
    def apply(request: Request, response: Response) -> Response:
        return change(response) if 200 <= response.status < 300 else response

    return lambda: apply


def _with(*added: tuple[str, str]) -> Make:
    """Every success has more headers."""
    return _succeeding(lambda response: Response(response.status, (*response.headers, *added), response.body))


def _messages(edit: Callable[[list[Message]], list[Message]]) -> Make:
    """Every success has the messages of its event stream edited."""
    return body(lambda content: b"".join(map(dump_message, edit(list(read_messages(content, (), []))))))


def _typeless(messages: list[Message]) -> list[Message]:
    first, *rest = messages
    for message in rest:
        del message.headers[":event-type"]
    return [first, *rest]


def _error(messages: list[Message]) -> list[Message]:
    texts = {":message-type": "error", ":error-code": "InternalError", ":error-message": "no"}
    return [*messages, Message({name: HeaderValue("text", text) for name, text in texts.items()})]


WIRE_MINIATURES: tuple[Miniature, ...] = (
    Miniature(
        "body-of-no-content",
        "response.body.unexpected",
        "$",
        "A success of status 204 announces two bytes.",
        INCIDENT,
        _with(("Content-Length", "2")),
    ),
    Miniature(
        "read-is-201",
        "response.status.success.loose",
        "(status)",
        "What was read is answered with 201; the model says nothing, and others of the service have it.",
        BLOCK,
        _succeeding(lambda response: Response(201, response.headers, response.body)),
    ),
    Miniature(
        "long-length",
        "response.cbor.minimal",
        "$.Name",
        "The length of a name stands in a byte of its own, though it is below 24.",
        BUS,
        body(lambda content: content.replace(b"\x63bus", b"\x78\x03bus")),
    ),
    Miniature(
        "untagged",
        "response.cbor.type",
        "$.CreationTime",
        "A timestamp is a number without its tag.",
        BUS,
        body(lambda content: content.replace(b"\xc1", b"")),
    ),
    Miniature(
        "unmodelled-end",
        "response.event.error",
        "$.AgentResponse[*]",
        "A stream ends in an error that the model does not have.",
        AGENT,
        _messages(_error),
    ),
    Miniature(
        "checksum",
        "response.event.frame",
        "$.AgentResponse[*]",
        "The last message has a wrong checksum.",
        AGENT,
        body(lambda content: content[:-1] + bytes([content[-1] ^ 1])),
    ),
    Miniature(
        "nameless-event",
        "response.event.header",
        "$.AgentResponse[*]",
        "An event does not say which it is.",
        AGENT,
        _messages(_typeless),
    ),
    Miniature(
        "checksum-of-another-block",
        "response.digest",
        "(headers)",
        "The checksum of a block is that of another one.",
        BLOCK,
        headers(lambda name, value: f"{'A' * 43}=" if name.lower() == "x-amz-checksum" else value),
    ),
    Miniature(
        "two-lengths",
        "response.header.duplicate",
        "$.DataLength",
        "An answer has two lengths of its data.",
        BLOCK,
        _with(("x-amz-Data-Length", "4")),
    ),
    Miniature(
        "bare-json",
        "response.header.form",
        "$.slots",
        "JSON stands in a header as it is, without base64.",
        SESSION,
        headers(lambda name, value: '{"City":"Paris"}' if name.lower() == "x-amz-lex-slots" else value),
    ),
    Miniature(
        "nameless-protocol",
        "response.header.protocol",
        "$",
        "Answers do not name their protocol.",
        BUS,
        headers(lambda name, value: None if name.lower() == "smithy-protocol" else value),
    ),
    Miniature(
        "name-of-the-model",
        "response.member.place",
        "$.associatedAt",
        "A member stands under the name that the model has for it, not under its own on the wire.",
        ROLE,
        body(lambda content: content.replace(b"AssociatedAt", b"associatedAt")),
    ),
)
