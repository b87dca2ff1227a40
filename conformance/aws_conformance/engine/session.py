"""A target in use: its connection, its credentials, the reply it has for what doesn't exist.

It owns how one request of a case becomes an exchange. It refuses to know what cases are for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ..compiled import CompiledService
from ..plan import EmbeddedReference, Plan, StartedTarget, UrlTarget
from ..shapes import Operation
from ..targets.connection import Connection, reachable
from ..targets.signing import Credentials, Signer
from ..wire import Exchange, Request, Response, header

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
    a row that went unanswered.
    """

    plan: Plan
    url: str
    label: str
    connection: Connection
    credentials: Mapping[str, Credentials]
    clock: Callable[[], datetime]
    faults: bool = False
    not_implemented: tuple[str, ...] = ()
    mark: Callable[[], int] = field(default=lambda: 0)
    log_since: Callable[[int], str] = field(default=lambda mark: "")
    silences: int = 0
    _signers: dict[tuple[str, str], Signer] = field(default_factory=dict)

    def send(
        self,
        compiled: CompiledService,
        operation: Operation,
        request: Request,
        *,
        principal: str = "",
        fault: str = "",
    ) -> Exchange:
        """Sign a request as the operation wants it, and send it."""
        if fault:
            request = request.with_headers([("x-aws-conformance-fault", fault)])
        if operation.signed:
            signer = self._signer(compiled, principal or "own")
            request = signer.sign(request, self.connection.host, self.clock())
        exchange = self.connection.send(request, timeout=self.plan.timeout)
        self.silences = self.silences + 1 if exchange.response.fate == "timeout" else 0
        return exchange

    def put(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Upload to an address that the target handed out; it must pass the same guard as the target's."""
        from urllib.parse import urlsplit

        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        base = f"{parts.scheme}://{parts.netloc}"
        connection = self.connection
        if base != self.url.rstrip("/"):
            connection = Connection(base, timeout=self.plan.timeout, allow_remote=self.plan.allow_remote)
        return connection.send(Request("PUT", path, tuple(headers.items()), body), timeout=self.plan.timeout)

    def invoke(self, compiled: CompiledService, operation: Operation, document: Any) -> Exchange:
        """Encode, sign and send a document as it is."""
        request = compiled.codec.encode_request(compiled.service, operation, document)
        return self.send(compiled, operation, request)

    def invented(self, compiled: CompiledService, operation: Operation, document: Any) -> Fingerprint:
        """The fingerprint of the answer to an operation that no service has, asked with the same input."""
        name = "AwsConformanceInventedOperation"
        invented = replace(operation, name=name)
        return fingerprint(self.invoke(compiled, invented, document).response, name)

    def _signer(self, compiled: CompiledService, principal: str) -> Signer:
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

    Raises TargetUnreachableError if nothing answers, UsageError for an address that may not be used.
    """
    match plan.target:
        case EmbeddedReference():
            with _reference(plan) as session:
                yield session
        case UrlTarget(url=url):
            reachable(url, allow_remote=plan.allow_remote)
            yield _session(plan, url, url)
        case StartedTarget() as target:
            from ..targets.process import started

            with started(
                target.command, env=dict(target.environment), timeout=target.ready_seconds
            ) as server:
                session = _session(plan, server.url, "$ENDPOINT_URL")
                session.not_implemented = target.not_implemented
                session.mark = server.mark
                session.log_since = server.stderr_since
                yield session


@contextmanager
def _reference(plan: Plan) -> Iterator[Session]:
    from ..reference import Reference, Settings
    from ..targets.server import serve

    reference = Reference(Settings(faults=True, seed=plan.seed))
    with serve(reference.handle) as server:
        session = _session(plan, server.url, "$ENDPOINT_URL")
        session.faults = True
        yield session


def _session(plan: Plan, url: str, label: str) -> Session:
    from ..reference.settings import ACCESS_KEY, SECRET_KEY

    own = Credentials(
        plan.access_key or ACCESS_KEY, plan.secret_key or SECRET_KEY, plan.session_token or None
    )
    other = Credentials(_OTHER_ACCESS_KEY, SECRET_KEY)
    connection = Connection(url, timeout=plan.timeout, allow_remote=plan.allow_remote)
    return Session(
        plan=plan,
        url=url,
        label=label,
        connection=connection,
        credentials={"own": own, "other": other},
        clock=lambda: datetime.now(UTC),
    )
