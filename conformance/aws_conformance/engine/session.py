"""A target in use: its connection, its credentials, the reply it has for what doesn't exist.

It owns how one request of a case becomes an exchange. It refuses to know what cases are for.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

from ..cases.contract import Contract
from ..http import ADVANCE_PATH, Exchange, Request, Response, header
from ..reproduce.mask import secrets_in
from ..spec.shapes import Operation
from ..targets.connection import Connection, listening, reachable
from ..targets.signing import FORGERIES, Credentials, Signer
from .liveness import Liveness
from .plan import (
    AwsCliTarget,
    EmbeddedReference,
    Plan,
    RecordedTarget,
    StartedTarget,
    UrlTarget,
    target_name,
)
from .recording import Player, Recorder, RecordingHead, read_head

if TYPE_CHECKING:
    from ..targets.process import StartedServer

__all__ = ["Fingerprint", "Session", "fingerprint", "opened"]

# Another account: of the reference's family of keys, and unknown to anybody else.
_OTHER_ACCESS_KEY = "AKIDCONFORMANCE99999"

_VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9A-Z]{40,}\b|\d+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What stays the same when a target gives the same answer again."""

    status: int
    content_type: str
    body: str


def fingerprint(response: Response, operation: str) -> Fingerprint:
    """The fingerprint of a response: without numbers, request ids and the operation's name."""
    text = response.body[:4096].decode("utf-8", "replace").replace(operation, "OPERATION")
    content_type = (header(response.headers, "content-type") or "").partition(";")[0]
    return Fingerprint(response.status, content_type, _VARYING.sub("#", text))


@dataclass(slots=True)
class Session:
    """One worker's use of a target; `url` is its address, `label` how reports call the address.

    `faults` tells whether the target answers with errors that it is asked for. `log_since` gives what a
    target that we started has written to standard error since a mark. `silences` counts the requests in
    a row that went unanswered; `last` is the last exchange that was one. `reads_log` tells that what the
    target logs can be read, so that it would show what an answer leaves out.
    """

    plan: Plan
    url: str
    label: str
    connection: Connection
    credentials: Mapping[str, Credentials]
    clock: Callable[[], datetime]
    liveness: Liveness
    faults: bool = False
    not_implemented: tuple[str, ...] = ()
    mark: Callable[[], int] = field(default=lambda: 0)
    log_since: Callable[[int], str] = field(default=lambda mark: "")
    reads_log: bool = False
    silences: int = 0
    last: Exchange | None = None
    recorder: Recorder | None = None
    player: Player | None = None
    _signers: dict[tuple[str, str], Signer] = field(default_factory=dict)

    def begin(self, name: str) -> None:
        """What is sent from here on is sent to explore the operation of that full name."""
        for tape in (self.recorder, self.player):
            if tape is not None:
                tape.begin(name)

    def noted(self, line: str) -> None:
        """A line of the target's log was taken as evidence; a recording has to hold it as well."""
        if self.recorder is not None:
            self.recorder.noted(line)

    def secrets(self, compiled: Contract, operation: Operation, exchange: Exchange | None) -> tuple[str, ...]:
        """The texts that must not be shown of an exchange: credentials, and what sensitive members hold."""
        texts = _credentials(self.plan)
        if exchange is not None:
            service, said = compiled.service, exchange.response
            root = operation.output if 200 <= said.status < 300 else None
            texts += secrets_in(service, operation.input, exchange.request.body)
            texts += secrets_in(service, root, said.body)
        return tuple(dict.fromkeys(texts))

    def send(
        self,
        compiled: Contract,
        operation: Operation,
        request: Request,
        *,
        principal: str = "",
        signature: str = "",
        fault: str = "",
    ) -> Exchange:
        """Sign a request as the operation wants it, or by a forgery that `signature` names, and send it."""
        if fault:
            request = request.with_headers([("x-aws-conformance-fault", fault)])
        who = f"{principal or 'own'} {signature}".rstrip()
        if self.player is not None:
            exchange = self.player.answer(compiled.service, operation, who, request)
            if exchange.response.fate in ("died", "gone"):
                self.liveness.die(exchange.response.detail)
        else:
            request = self._signed(compiled, operation, request, principal or "own", signature)
            exchange = self._exchange(request)
        if self.recorder is not None:
            self.recorder.exchange(compiled.service, operation, who, exchange)
        self.silences = self.silences + 1 if exchange.response.fate == "timeout" else 0
        return exchange

    def _exchange(self, request: Request) -> Exchange:
        """Send a request to the target, unless it is dead, and notice if it dies."""
        if self.liveness.death:
            return Exchange(request, Response(0, fate="gone", detail=self.liveness.death), self.url)
        exchange = self.connection.send(request, timeout=self.plan.timeout)
        exchange = replace(exchange, response=self.liveness.after(exchange.response))
        self.last = exchange if exchange.response.fate != "gone" else self.last
        return exchange

    def put(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Upload to an address that the target handed out; it must pass the same guard as the target's."""
        from urllib.parse import urlsplit

        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        base = f"{parts.scheme}://{parts.netloc}"
        request = Request("PUT", path, tuple(headers.items()), body)
        if self.player is not None:
            return self.player.answer(None, None, "", request)
        if base == self.url.rstrip("/"):
            exchange = self._exchange(request)
        else:
            elsewhere = Connection(base, timeout=self.plan.timeout, allow_remote=self.plan.allow_remote)
            exchange = elsewhere.send(request, timeout=self.plan.timeout)
        if self.recorder is not None:
            self.recorder.exchange(None, None, "", exchange)
        return exchange

    def send_at_once(
        self, compiled: Contract, requests: Sequence[tuple[Operation, Request]]
    ) -> tuple[Exchange, ...]:
        """Sign requests, and send them all at the same moment, each on a connection of its own.

        Their exchanges, in the order of the requests. A recording answers them one after the other.
        """
        if self.player is not None:
            return tuple(self.send(compiled, operation, request) for operation, request in requests)
        ready = []
        for operation, request in requests:
            signed = self._signed(compiled, operation, request, "own", "")
            ready.append(signed)
        start = threading.Barrier(len(ready))

        def exchange_with(request: Request) -> Exchange:
            start.wait()
            return self.connection.send(request, timeout=self.plan.timeout)

        with ThreadPoolExecutor(len(ready)) as threads:
            sent = tuple(threads.map(exchange_with, ready))
        exchanges = tuple(replace(item, response=self.liveness.after(item.response)) for item in sent)
        if self.recorder is not None:
            for (operation, _), exchange in zip(requests, exchanges, strict=True):
                self.recorder.exchange(compiled.service, operation, "own", exchange)
        return exchanges

    @property
    def moves_time(self) -> bool:
        """Whether the target claims that its time can be moved."""
        return "clock" in self.plan.target.claims

    def pass_time(self, seconds: float) -> str:
        """Move the target's time forward; what went wrong, or the empty string."""
        body = json.dumps({"seconds": seconds}).encode()
        request = Request("POST", ADVANCE_PATH, (("Content-Type", "application/json"),), body)
        if self.player is not None:
            response = self.player.answer(None, None, "", request).response
        else:
            exchange = self._exchange(request)
            response = exchange.response
            if self.recorder is not None:
                self.recorder.exchange(None, None, "", exchange)
        if 200 <= response.status < 300:
            return ""
        return f"POST {ADVANCE_PATH} was answered with {response.status or response.fate}"

    def invoke(self, compiled: Contract, operation: Operation, document: Any) -> Exchange:
        """Encode, sign and send a document as it is."""
        request = compiled.codec.encode_request(compiled.service, operation, document)
        return self.send(compiled, operation, request)

    def invented(self, compiled: Contract, operation: Operation, document: Any) -> Fingerprint | None:
        """The fingerprint of the answer to an operation that no service has, asked with the same input.

        None where the protocol doesn't say the operation's name: the request would be the operation's own.
        """
        invented = replace(operation, name="AwsConformanceInventedOperation")
        encode = compiled.codec.encode_request
        request = encode(compiled.service, invented, document)
        if request == encode(compiled.service, operation, document):
            return None
        return fingerprint(self.send(compiled, invented, request).response, invented.name)

    def _signed(
        self, compiled: Contract, operation: Operation, request: Request, principal: str, forgery: str
    ) -> Request:
        if not operation.signed:
            return request
        signer = self._signer(compiled, principal)
        sign = FORGERIES[forgery] if forgery else Signer.sign
        return sign(signer, request, self.connection.host, self.clock())

    def _signer(self, compiled: Contract, principal: str) -> Signer:
        key = (compiled.service.signing_name, principal)
        if key not in self._signers:
            held = self.credentials[principal]
            self._signers[key] = Signer(
                held.access_key,
                held.secret_key,
                self.plan.region,
                compiled.service.signing_name,
                held.session_token,
            )
        return self._signers[key]


@contextmanager
def opened(plan: Plan) -> Iterator[Session]:
    """The plan's target, started if it is ours to start, and stopped again.

    Raises TargetUnreachableError if nothing answers, UsageError for an address that may not be used, or
    a folder that nothing can be recorded in.
    """
    with _target(plan) as session:
        if not plan.record:
            yield session
            return
        target = plan.target
        head = RecordingHead(
            target_name(target), plan.region, session.faults, session.not_implemented, target.claims
        )
        with Recorder(Path(plan.record), head, _credentials(plan)) as session.recorder:
            yield session


def _credentials(plan: Plan) -> tuple[str, ...]:
    return tuple(text for text in (plan.secret_key, plan.session_token, plan.access_key) if text)


@contextmanager
def _target(plan: Plan) -> Iterator[Session]:
    match plan.target:
        case EmbeddedReference() | AwsCliTarget(url=""):
            with _reference(plan) as session:
                yield session
        case UrlTarget(url=url) | AwsCliTarget(url=url):
            reachable(url, allow_remote=plan.allow_remote)
            session = _session(plan, url, url)
            session.not_implemented = _signatures()
            yield session
        case StartedTarget() as target:
            with ExitStack() as stack:
                session = _session(plan, "http://127.0.0.1:9", "$ENDPOINT_URL")
                session.not_implemented = tuple(dict.fromkeys((*target.not_implemented, *_signatures())))
                session.reads_log = True
                _restart(session, stack, target)
                session.liveness.restart = lambda: _restart(session, stack, target)
                yield session
        case RecordedTarget(folder=folder):
            head = read_head(Path(folder))
            # Never connected to: the player answers.
            session = _session(plan, "http://127.0.0.1:9", "$ENDPOINT_URL")
            session.faults, session.not_implemented = head.faults, head.not_implemented
            # What was recorded at an address came without a log.
            session.reads_log = "://" not in head.target
            session.player = Player(Path(folder))
            session.mark, session.log_since = session.player.mark, session.player.log_since
            # Where a recorded target died, it was started anew, or the recording ends there.
            session.liveness = Liveness(lambda: True, lambda: None)
            yield session
        case _:
            assert_never(plan.target)


def _signatures() -> tuple[str, ...]:
    """The words by which any emulator that we know says that it lacks an operation."""
    from ..targets.presets import presets

    return tuple(text for preset in presets().values() for text in preset.not_implemented)


def _restart(session: Session, stack: ExitStack, target: StartedTarget) -> None:
    """Start the session's target, for the first time or anew; what is left of a server before it ends."""
    stack.close()
    server = stack.enter_context(_started(target))
    session.url = server.url
    session.connection = _connection(session.plan, server.url)
    session.mark, session.log_since = server.mark, server.stderr_since
    session.liveness.listens = lambda: server.running and listening(server.url)


@contextmanager
def _started(target: StartedTarget) -> Iterator[StartedServer]:
    import tempfile

    from ..targets.presets import healthy
    from ..targets.process import answers_http, started

    ready = healthy(target.health) if target.health else answers_http
    with ExitStack() as stack:
        folder = None
        if target.scratch:
            # What it writes as it ends may come while we clean up, and matters to nobody.
            scratch = tempfile.TemporaryDirectory(prefix="aws-conformance-", ignore_cleanup_errors=True)
            folder = stack.enter_context(scratch)
            for name, text in target.files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
        environment = {
            key: text.replace("{scratch}", folder or "") for key, text in target.environment.items()
        }
        yield stack.enter_context(
            started(target.command, cwd=folder, env=environment, ready=ready, timeout=target.ready_seconds)
        )


@contextmanager
def _reference(plan: Plan) -> Iterator[Session]:
    from ..reference import ManualClock, Reference, Settings
    from ..targets.server import serve

    # Its time stands still but for when it is moved, so that no verdict depends on how fast we are.
    settings = Settings(faults=True, time_control=True, seed=plan.seed, stopping_seconds=1.0)
    reference = Reference(settings, ManualClock(round(time.time(), 3)))
    with serve(reference.handle) as server:
        session = _session(plan, server.url, "$ENDPOINT_URL")
        session.faults = session.reads_log = True
        yield session


def _session(plan: Plan, url: str, label: str) -> Session:
    from ..reference.settings import ACCESS_KEY, SECRET_KEY

    own = Credentials(
        plan.access_key or ACCESS_KEY, plan.secret_key or SECRET_KEY, plan.session_token or None
    )
    other = Credentials(_OTHER_ACCESS_KEY, SECRET_KEY)
    return Session(
        plan=plan,
        url=url,
        label=label,
        connection=_connection(plan, url),
        credentials={"own": own, "other": other},
        clock=lambda: datetime.now(UTC),
        liveness=Liveness(lambda: listening(url, allow_remote=plan.allow_remote)),
    )


def _connection(plan: Plan, url: str) -> Connection:
    return Connection(url, timeout=plan.timeout, allow_remote=plan.allow_remote)
