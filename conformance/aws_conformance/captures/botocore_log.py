# SPDX-License-Identifier: Apache-2.0
"""Debug logs of botocore (`boto3.set_stream_logger('')`, `aws --debug`), read into exchanges.

It owns what botocore writes of a call: what is to be sent, what was, and what came back, each as Python shows
it. It refuses to know what the exchanges are. A log of several threads is told apart where its lines name
them; where they don't, and calls stand in one another's way, it can't be read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from ..errors import UsageError
from .capture import Capture, CapturedMessage, capture_of, headers_of

__all__ = ["read_botocore_log"]

_MADE = re.compile(r"Making request for OperationModel\(name=\w+\) with params: (\{.*)")
_SENT = re.compile(
    r"Sending http request: <AWSPreparedRequest stream_output=\w+, method=(\S+), url=(\S+), headers=(\{.*\})>"
)
_STATUS = re.compile(r'https?://\S+ "[A-Z]+ \S+ \S+" (\d{3}) \S+\s*$')
_HEADERS = re.compile(r"Response headers: (?:\w+\()?(\{.*\})\)?\s*$")
_BODY = re.compile(r"Response body:\s*$")
_THREAD = re.compile(r"\b(MainThread|Thread-\d+(?: \([^)]*\))?|ThreadPoolExecutor-\d+_\d+|\w*Dummy-\d+)\b")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[,.](\d{3})")
_NO_LOG = "This is no debug log of botocore: no request is in it"
_OPENING, _CLOSING, _QUOTES = "([{<", ")]}>", "'\""


@dataclass(slots=True)
class _LoggedCall:
    """A call on its way through the log."""

    body: bytes = b""
    unread_body: str = ""
    method: str = ""
    url: str = ""
    headers: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0
    answer: Mapping[str, Any] | None = None
    started: float | None = None
    ended: float | None = None


def read_botocore_log(content: bytes) -> tuple[Capture, ...]:
    """The exchanges of a log, in the order in which they ended. Raises UsageError for anything else."""
    reader = _LogReader()
    for line in content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n"):
        reader.take(line)
    reader.end()
    if not reader.captures:
        raise UsageError(f"{_NO_LOG}.", "Write one with boto3.set_stream_logger('', logging.DEBUG).")
    return tuple(reader.captures)


class _LogReader:
    """Takes a log line by line."""

    def __init__(self) -> None:
        self.captures: list[Capture] = []
        self._calls: dict[str, _LoggedCall] = {}
        self._answers: dict[str, Mapping[str, Any]] = {}
        # Whose body the next line is.
        self._awaited: str | None = None

    def take(self, line: str) -> None:
        if self._awaited is not None:
            thread, self._awaited = self._awaited, None
            self._answered(thread, line.strip())
            return
        head = line[:200]
        thread = match[1] if (match := _THREAD.search(head)) else ""
        if match := _MADE.search(line):
            self._unanswered(thread)
            self._calls[thread] = _LoggedCall(*_body_made(match[1]))
        elif match := _SENT.search(line):
            self._send(thread, match, _moment(head))
        elif match := _STATUS.search(line):
            if (call := self._calls.get(thread)) is not None and call.url:
                call.status = int(match[1])
        elif match := _HEADERS.search(line):
            self._begin_answer(thread, _literal(match[1], dict) or {}, _moment(head))
        elif _BODY.search(line) and (call := self._calls.get(thread)) is not None and call.answer is not None:
            self._awaited = thread

    def end(self) -> None:
        """The log is at its end: what is open was not answered."""
        for thread in tuple(self._calls):
            self._unanswered(thread)

    def _send(self, thread: str, match: re.Match[str], moment: float | None) -> None:
        call = self._calls.get(thread)
        if call is None:
            raise _entangled()
        if call.url:
            # The same call once more, because the last try was not answered.
            self._unanswered(thread)
            call = _LoggedCall(call.body, call.unread_body)
        call.method, call.url, call.started = match[1], match[2], moment
        call.headers = _literal(match[3], dict) or {}
        self._calls[thread] = call

    def _begin_answer(self, thread: str, headers: Mapping[str, Any], moment: float | None) -> None:
        call = self._calls.get(thread)
        if call is not None and not call.url and headers == self._answers.get(thread):
            # botocore reads an error once more, for the members of its shape.
            return
        if call is None or not call.url or call.answer is not None:
            raise _entangled()
        call.answer, call.ended = headers, moment
        self._answers[thread] = headers

    def _answered(self, thread: str, text: str) -> None:
        call = self._calls[thread]
        body = _literal(text, bytes)
        unread = "" if body is not None else "a body that the log does not show"
        self._add(call, CapturedMessage(headers_of(self._number, call.answer), body or b"", unread))
        # A refused call may be tried again, with the same body.
        self._calls[thread] = _LoggedCall(call.body, call.unread_body)

    def _unanswered(self, thread: str) -> None:
        call = self._calls.pop(thread, None)
        if call is not None and call.url:
            call.status = 0
            self._add(call, CapturedMessage())

    @property
    def _number(self) -> int:
        return len(self.captures) + 1

    def _add(self, call: _LoggedCall, answer: CapturedMessage) -> None:
        request = CapturedMessage(headers_of(self._number, call.headers), call.body, call.unread_body)
        status = call.status
        if answer.headers and not status:
            # Without urllib3's lines nothing says the status.
            answer = CapturedMessage(
                answer.headers, b"", "an answer without a status: urllib3's lines are missing"
            )
            status = 200
        times = (call.started, call.ended)
        self.captures.append(capture_of(self._number, call.method, call.url, request, status, answer, times))


def _entangled() -> UsageError:
    return UsageError(
        "Calls of several threads stand in one another's way in this log.",
        "Write it with %(threadName)s in the format of its lines.",
    )


def _body_made(text: str) -> tuple[bytes, str]:
    """The body of what is to be sent, and why it is not known."""
    shown = dict(_members(text)).get("body", "b''")
    value = _literal(shown, (bytes, str, dict))
    match value:
        case bytes():
            return value, ""
        case str():
            return value.encode("utf-8", "replace"), ""
        case dict():
            return urlencode(value, doseq=True).encode(), ""
        case _:
            return b"", "a body that the log does not show"


def _members(text: str) -> Iterator[tuple[str, str]]:
    """The members of a dict as Python shows it, with what is shown of each; objects may stand among them."""
    depth, start, position = 0, 1, 0
    quote = ""
    name: str | None = None
    while position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in _QUOTES:
            quote = character
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        if not quote and depth == 1 and character == ":" and name is None:
            name, start = str(_literal(text[start:position].strip(), str)), position + 1
        elif not quote and ((depth == 1 and character == ",") or depth == 0):
            if name is not None:
                yield name, text[start:position].strip()
            name, start = None, position + 1
            if depth == 0:
                return
        position += 1


def _literal(text: str, kind: type[Any] | tuple[type[Any], ...]) -> Any:
    """The value that a Python literal shows, if it is of that kind; None for anything else."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, kind) else None


def _moment(head: str) -> float | None:
    match = _TIME.search(head)
    if match is None:
        return None
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}.{match[3]}+00:00").timestamp()
    except ValueError:
        return None
