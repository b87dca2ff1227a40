# SPDX-License-Identifier: Apache-2.0
"""Recorded exchanges: what a target answered, written down without secrets, and looked up again.

It owns the files of a recording and which recorded answer belongs to a request. It refuses to know how
exchanges come about: it neither sends nor judges.

A recording is a folder with `recording.json`, which says what was recorded, and one file of JSON lines for
each operation that was explored (`<service>.<Operation>.ndjson`), with all exchanges that its exploration
took, in order. An answer is found by what a request means (who asks, method, path, operation and body,
all after masking), and among equal requests by order. Secrets are masked by text of the same form, so that
a recording earns the verdicts that its original earned; only their length can be read from it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from ..errors import UsageError
from ..files import read_text, replace_file
from ..http import Exchange, FramingFault, Request, Response, header
from ..protocols.json_text import canonical_json
from ..protocols.masking import (
    mask_body,
    mask_places,
    mask_repeated,
    mask_urls,
    of_same_form,
    secrets_in,
)
from ..protocols.record import Protocol
from ..reproduce.mask import without_secrets
from ..reproduce.redact import redact_headers
from .channel import OutgoingCall

__all__ = ["RECORDING_VERSION", "Player", "Recorder", "RecordingHead", "read_head"]

RECORDING_VERSION = 1
_HEAD = "recording.json"
_FAULT = "x-aws-conformance-fault"
# Sensitive texts that are looked for in what follows, the latest.
_REMEMBERED = 200
# Bytes of a request that are searched for what its answers repeat.
_SEARCHED = 64 * 1024


@dataclass(frozen=True, slots=True)
class RecordingHead:
    """What was recorded: `faults`, `not_implemented` and `claims` are what the engine knew of the target.

    `phases` are those of the run that recorded it; older recordings, which do not say, had the first two.
    `settles` tells that what was made was waited for, `afresh` that violations were looked for on targets
    that held nothing; older ones did neither.
    """

    target: str
    region: str
    faults: bool = False
    not_implemented: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    version: int = RECORDING_VERSION
    phases: tuple[str, ...] = ("enumerated", "random")
    settles: bool = False
    afresh: bool = False


def read_head(folder: Path) -> RecordingHead:
    """What a folder holds a recording of. Raises UsageError if it holds none."""
    file = folder / _HEAD
    try:
        raw = json.loads(read_text(file))
        head = RecordingHead(
            target=raw["target"],
            region=raw["region"],
            faults=raw["faults"],
            not_implemented=tuple(map(str, raw["not_implemented"])),
            claims=tuple(map(str, raw["claims"])),
            version=raw["version"],
            phases=tuple(map(str, raw.get("phases", ("enumerated", "random")))),
            settles=raw.get("settles", False) is True,
            afresh=raw.get("afresh", False) is True,
        )
    except OSError as error:
        raise UsageError(
            f"{folder} holds no recording: {_HEAD} cannot be read ({error.strerror}).",
            "Make one with `aws-conformance run --record DIR`.",
        ) from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{file} does not describe a recording.") from None
    if head.version != RECORDING_VERSION:
        raise UsageError(f"{file} is of version {head.version}; this release reads {RECORDING_VERSION}.")
    return head


def _added(known: RecordingHead, head: RecordingHead, folder: Path) -> RecordingHead:
    """The head of a folder that another run or worker writes into as well."""
    if replace(head, phases=known.phases, settles=known.settles, afresh=known.afresh) != known:
        raise UsageError(f"{folder} holds the recording of another target.", "Record into another folder.")
    return replace(known, phases=tuple(dict.fromkeys((*known.phases, *head.phases))))


class Recorder:
    """Writes down the exchanges of one worker; a context manager that closes its file.

    Raises UsageError for a folder that holds the recording of another target, or can't be written.
    """

    def __init__(self, folder: Path, head: RecordingHead, credentials: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._credentials = credentials
        self._stream: TextIO | None = None
        self._seen = _SensitiveTexts()
        if (folder / _HEAD).exists():
            head = _added(read_head(folder), head, folder)
        written = {
            "version": head.version,
            "target": head.target,
            "region": head.region,
            "faults": head.faults,
            "not_implemented": list(head.not_implemented),
            "claims": list(head.claims),
            "phases": list(head.phases),
            "settles": head.settles,
            "afresh": head.afresh,
        }
        try:
            # Other workers write it, and read it, at the same time.
            replace_file(folder / _HEAD, json.dumps(written, indent=2) + "\n")
        except OSError as error:
            raise UsageError(f"Nothing can be recorded in {folder}: {error.strerror}.") from None

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._stream is not None:
            with suppress(OSError):  # what was not written was told when it was not
                self._stream.close()
            self._stream = None

    def begin(self, operation: str, protocol: Protocol) -> None:
        """What follows is the exploration of this operation; an earlier recording of it is replaced."""
        self.close()
        self._seen = _SensitiveTexts()
        try:
            self._stream = _file(self._folder, operation).open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            raise self._unwritable(error) from None

    def exchange(self, call: OutgoingCall | None, exchange: Exchange) -> None:
        """Write an exchange down, masked; without a call it is an upload, or moves time."""
        request = self._seen.masked(call, exchange.request)
        response = self._seen.masked_response(call, exchange.response)
        line = {
            "operation": call.operation.name if call else "",
            "principal": call.who if call else "",
            "request": {
                "method": request.method,
                "path": request.path,
                "headers": [list(pair) for pair in request.headers],
                **_body_to_json(request.body),
            },
            "response": {
                "status": response.status,
                "headers": [list(pair) for pair in response.headers],
                **_body_to_json(response.body),
                "elapsed": round(response.elapsed, 4),
                "fate": response.fate,
                "detail": response.detail,
                **_framing_to_json(response),
            },
        }
        self._write(line)

    def noted(self, line: str) -> None:
        """A line of the target's log that the engine took as evidence about the last exchange."""
        self._write({"log": line})

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._stream is not None:
            text = without_secrets(json.dumps(line), self._credentials)
            try:
                self._stream.write(f"{text}\n")
                self._stream.flush()
            except OSError as error:
                raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> UsageError:
        return UsageError(f"Nothing more can be recorded in {self._folder}: {error.strerror}.")


@dataclass(slots=True)
class Player:
    """Answers requests from a recording, each recorded answer once.

    Raises UsageError for a folder without a recording, and for an operation that was not recorded.
    """

    folder: Path
    _answers: dict[tuple[str, ...], deque[tuple[Response, tuple[str, ...]]]] = field(default_factory=dict)
    _protocol: Protocol | None = None
    _seen: _SensitiveTexts = field(default_factory=lambda: _SensitiveTexts())
    _logs: list[str] = field(default_factory=list)

    def begin(self, operation: str, protocol: Protocol) -> None:
        """What follows is the exploration of this operation, over that protocol."""
        self._answers = {}
        self._protocol = protocol
        self._seen = _SensitiveTexts()
        self._logs = []
        file = _file(self.folder, operation)
        if not file.exists():
            recorded = ", ".join(
                sorted(path.stem.replace(".", ":", 1) for path in self.folder.glob("*.ndjson"))
            )
            raise UsageError(
                f"{self.folder} has no recording of {operation}.", f"It has {recorded or 'none at all'}."
            )
        for key, response, logs in _read(file, protocol):
            self._answers.setdefault(key, deque()).append((response, logs))

    def answer(self, call: OutgoingCall | None, request: Request) -> Exchange:
        """The recorded exchange of that request, or one that says that there is none."""
        masked = self._seen.masked(call, request)
        key = _key(call.who if call else "", masked, self._protocol if call else None)
        waiting = self._answers.get(key)
        if not waiting:
            detail = "nothing (more) is recorded for this request"
            return Exchange(request, Response(0, fate="refused", detail=detail))
        response, logs = waiting.popleft()
        self._logs += logs
        return Exchange(request, response)

    def mark(self) -> int:
        return len(self._logs)

    def log_since(self, mark: int) -> str:
        return "\n".join(self._logs[mark:])


def _file(folder: Path, operation: str) -> Path:
    return folder / f"{operation.replace(':', '.')}.ndjson"


def _read(file: Path, protocol: Protocol) -> Iterator[tuple[tuple[str, ...], Response, tuple[str, ...]]]:
    """The lines of a file: keys with responses, each with the log lines that came after it."""
    last: tuple[tuple[str, ...], Response] | None = None
    logs: list[str] = []
    with file.open(encoding="utf-8") as stream:
        for number, text in enumerate(stream, 1):
            try:
                raw = json.loads(text)
                if "log" in raw:
                    logs.append(str(raw["log"]))
                    continue
                asked, said = raw["request"], raw["response"]
                request = Request(asked["method"], asked["path"], _pairs(asked), _body_from_json(asked))
                response = Response(
                    said["status"],
                    _pairs(said),
                    _body_from_json(said),
                    said["elapsed"],
                    said["fate"],
                    said["detail"],
                    tuple(FramingFault(**fault) for fault in said.get("framing", ())),
                )
                key = _key(raw["principal"], request, protocol if raw.get("operation") else None)
            except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
                raise UsageError(f"{file}:{number}: not a recorded exchange.", "Record it anew.") from None
            if last is not None:
                yield (*last, tuple(logs))
            last, logs = (key, response), []
    if last is not None:
        yield (*last, tuple(logs))


def _pairs(raw: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in raw["headers"])


def _key(principal: str, request: Request, protocol: Protocol | None) -> tuple[str, ...]:
    """What makes two requests the same; an upload has no protocol."""
    identity = protocol.identity(request) if protocol is not None else _upload_identity(request)
    fault = header(request.headers, _FAULT) or ""
    return (principal, request.method, request.path, fault, *identity)


def _upload_identity(request: Request) -> tuple[str, ...]:
    return (header(request.headers, "content-type") or "", canonical_json(request.body))


class _SensitiveTexts:
    """The sensitive texts of a recording so far, which may stand anywhere in what follows."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}
        # What was sent, so that what a target only repeats is not taken for its own: in the recording, too,
        # it will be sent as it is.
        self._sent: deque[str] = deque(maxlen=_REMEMBERED)

    def masked(self, call: OutgoingCall | None, request: Request) -> Request:
        """A request without secrets: of its own, and of what came before it."""
        self._sent.append(request.body[:_SEARCHED].decode("utf-8", "replace"))
        if call is not None:
            self._add(secrets_in(call.protocol.masking, call.service, call.operation.input, request.body))
        body = self._without(call, call.operation.input if call else None, request.body)
        return replace(
            request, path=mask_urls(request.path), headers=redact_headers(request.headers), body=body
        )

    def masked_response(self, call: OutgoingCall | None, response: Response) -> Response:
        """A response without secrets: of its own, and of what came before it where it repeats them."""
        root = call.operation.output if call is not None and 200 <= response.status < 300 else None
        if call is not None:
            shown = secrets_in(call.protocol.masking, call.service, root, response.body)
            self._add(tuple(text for text in shown if not any(text in sent for sent in self._sent)))
        body = self._without(call, root, response.body)
        headers = tuple((name, self._masked_text(value)) for name, value in redact_headers(response.headers))
        return replace(response, headers=headers, body=body, detail=self._masked_text(response.detail))

    def _masked_text(self, text: str) -> str:
        return mask_places(text, self._texts)

    def _add(self, texts: tuple[str, ...]) -> None:
        for text in texts:
            self._texts.pop(text, None)
            self._texts[text] = None
        while len(self._texts) > _REMEMBERED:
            del self._texts[next(iter(self._texts))]

    def _without(self, call: OutgoingCall | None, root: str | None, body: bytes) -> bytes:
        masked = _masked(call, root, body)
        texts = sorted(self._texts, key=len, reverse=True)
        if call is None:
            for text in texts:
                masked = masked.replace(text.encode("utf-8", "replace"), b"x" * len(text))
        elif call.protocol.masking is not None:
            masking = call.protocol.masking
            with suppress(UnicodeDecodeError):
                text = mask_repeated(masking, call.service, masked.decode(masking.encoding), texts)
                masked = text.encode(masking.encoding)
        return masked


def _masked(call: OutgoingCall | None, root: str | None, body: bytes) -> bytes:
    masking = call.protocol.masking if call is not None else None
    encoding = masking.encoding if masking is not None else "utf-8"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        # What is no text can't be looked through; a service's members would stand in it unseen.
        return body if call is None else b"x" * len(body)
    if call is None:
        return mask_urls(text).encode("utf-8")
    return mask_body(masking, call.service, root, text, of_same_form).encode(encoding)


def _framing_to_json(response: Response) -> dict[str, Any]:
    faults = [asdict(fault) for fault in response.framing]
    return {"framing": faults} if faults else {}


def _body_to_json(body: bytes) -> dict[str, Any]:
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body": {"base64": base64.b64encode(body).decode("ascii")}}


def _body_from_json(raw: Mapping[str, Any]) -> bytes:
    body = raw["body"]
    if isinstance(body, str):
        return body.encode("utf-8")
    return base64.b64decode(body["base64"], validate=True)
