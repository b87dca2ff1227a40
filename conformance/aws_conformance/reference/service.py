# SPDX-License-Identifier: Apache-2.0
"""The reference as one function, from request to response: routing and the order of refusals.

It owns that order and the lock. It refuses to know sockets, how operations work (operations/) and what
moves a clock (control.py).

The order, as far as it is recorded: the content type, the target, whether the body is JSON, types,
constraints. Where the signature and business rules come in between is chosen here: the signature is
verified once the body is known to be JSON, business rules come last.
"""

from __future__ import annotations

import functools
import threading
import uuid
from random import Random
from typing import Any

from ..http import Request, Response, header
from ..protocols.json import PROTOCOL, content_type
from ..spec.botocore import load_service
from ..spec.shapes import Operation, Service
from . import answers, control
from .clock import Clock, SystemClock
from .constraints import Checker, check, compile_checker
from .faults import inject
from .inputs import Reader, compile_reader, read_root
from .jobs import Progress
from .operations import HANDLERS
from .operations.call import Call
from .presigned import verify_upload
from .refusal import Refusal, StorageRefusal
from .settings import ACCOUNT_ID, Settings
from .signing import verify
from .store import Document, Store

__all__ = ["Reference"]

_SERVICE = "cognito-idp"
# Findings that make a body no JSON to AWS; of keys that occur twice the last holds, as in most readers.
_NOT_JSON = frozenset(("body.nonfinite", "body.encoding", "body.depth", "body.malformed"))


@functools.cache
def _compiled(name: str) -> tuple[Reader, Checker]:
    """Reader and checker of an operation's input, made once for all references of the process."""
    service = load_service(_SERVICE)
    shape = service.operations[name].input or ""
    return compile_reader(service, shape), compile_checker(service, shape)


class Reference:
    """A stateful implementation of Cognito's user import and of what it touches.

    `clock` moves jobs and dates what is made, and URLs expire by it; `wall` is what signatures are
    checked against, so that a test may move `clock` by a day while its client signs with today's date.
    Each is a SystemClock of its own unless given; only `clock` is ever advanced.
    """

    def __init__(
        self,
        settings: Settings = Settings(),  # noqa: B008 - frozen
        clock: Clock | None = None,
        wall: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._clock = SystemClock() if clock is None else clock
        self._wall = SystemClock() if wall is None else wall
        self._service: Service = load_service(_SERVICE)
        self._content_type = content_type(self._service)
        self._lock = threading.RLock()
        self._random = Random(settings.seed)
        # Apart from the ids of resources, so that these don't depend on how many requests came before.
        self._request_ids = Random(f"request ids {settings.seed}")
        self._store = Store()
        self._progress = Progress(settings, self._random, self._store.numbers)

    def handle(self, request: Request) -> Response:
        """Answer one request; safe to be called from many threads."""
        with self._lock:
            request_id = str(uuid.UUID(int=self._request_ids.getrandbits(128), version=4))
        path = request.path.partition("?")[0]
        if self._settings.time_control and path == control.ADVANCE_PATH:
            with self._lock:
                response = control.advance(request, self._clock)
            return answers.finish(response, request_id, self._wall.now())
        storage = path != "/"
        response = self._store_upload(request, request_id) if storage else self._route(request)
        return answers.finish(response, request_id, self._wall.now(), storage=storage)

    def _route(self, request: Request) -> Response:
        label = (header(request.headers, "content-type") or "").partition(";")[0].strip().lower()
        if request.method == "POST" and label == "application/json":
            return answers.coral_envelope()
        # Whether AWS takes another method than POST, or json-1.0, is not recorded; here neither.
        if request.method != "POST" or label != self._content_type:
            return answers.unknown_operation_page()
        try:
            return self._operate(request)
        except Refusal as refusal:
            return answers.error(self._service, refusal)

    def _operate(self, request: Request) -> Response:
        decoded = PROTOCOL.decode_request(self._service, request)
        handler = HANDLERS.get(decoded.operation or "")
        if handler is None or decoded.operation is None:
            # An operation that the model has and the reference doesn't is answered like an invented one.
            raise Refusal("UnknownOperationException")
        operation = self._service.operations[decoded.operation]
        # Recorded: an empty body is no JSON to AWS, though Smithy would let it stand for {}.
        if not request.body or not decoded.readable:
            raise answers.serialization()
        if any(finding.rule in _NOT_JSON for finding in decoded.findings):
            raise answers.serialization()
        account_id = ACCOUNT_ID
        if operation.signed:
            service = self._service.signing_name
            account_id = verify(self._settings, service, request, self._wall.now()).account
        if self._settings.faults:
            inject(self._service, operation, request)
        reader, checker = _compiled(operation.name)
        document = read_root(reader, decoded.document)
        check(checker, document)
        return self._perform(operation, document, account_id, header(request.headers, "host"))

    def _perform(
        self, operation: Operation, document: Document, account_id: str, host: str | None
    ) -> Response:
        with self._lock:
            now = self._clock.now()
            account = self._store.account(account_id)
            self._progress.advance_account(account, now)
            call = Call(
                operation=operation.name,
                input=document,
                account=account,
                now=now,
                base_url=self._settings.base_url or f"http://{host or '127.0.0.1'}",
                store=self._store,
                settings=self._settings,
                random=self._random,
                progress=self._progress,
            )
            output: Any = HANDLERS[operation.name](call)
        return PROTOCOL.encode_response(self._service, operation, output)

    def _store_upload(self, request: Request, request_id: str) -> Response:
        """Keep the file that is put to a job's presigned URL.

        Not recorded: what becomes of a file that comes after the job was started. S3 would take it; it
        changes nothing here, because the job has read its file. The last file before the start counts.
        """
        try:
            now = self._clock.now()
            verify_upload(request, self._settings.region, now)
            if len(request.body) > self._settings.upload_limit:
                raise StorageRefusal(
                    "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400
                )
            parts = request.path.partition("?")[0].split("/")
            with self._lock:
                job = self._store.job(*parts[1:]) if len(parts) == 4 else None
                if job is None:
                    raise StorageRefusal("NoSuchKey", "The specified key does not exist.", 404)
                self._progress.advance(job, now)
                if job.status == "Created":
                    job.upload = request.body
        except StorageRefusal as refusal:
            return answers.storage_error(refusal, request_id)
        return Response(200, (("x-amz-server-side-encryption", "aws:kms"),))
