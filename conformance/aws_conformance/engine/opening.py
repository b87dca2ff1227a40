# SPDX-License-Identifier: Apache-2.0
"""Targets opened: whatever a plan names becomes a session, and is stopped when it is over.

It owns how each kind of target is started and reached. It refuses to know what is sent to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from ..cases.compile import contract_of
from ..targets.connection import Connection, listening, reachable
from ..targets.signing import Credentials, Signer
from .channels import LiveChannel, RecordedChannel, ReplayedChannel
from .fresh_targets import FreshTargets
from .ledgers.channel import LedgerChannel
from .ledgers.ledger import Ledger, LedgerEntry
from .ledgers.sweeping import sweep
from .ledgers.undoing import undo_of
from .liveness import Liveness
from .metered import Budget, MeteredChannel, Pace
from .plan import (
    AccountTarget,
    AwsCliTarget,
    EmbeddedReference,
    Plan,
    RecordedTarget,
    StartedTarget,
    UrlTarget,
    target_name,
)
from .recording import Player, Recorder, RecordingHead, read_head
from .session import Session, secret_texts
from .settling import Settling

if TYPE_CHECKING:
    from ..targets.process import StartedServer

__all__ = ["connected", "connection_to", "opened"]


# Another account: of the reference's family of keys, and unknown to anybody else.
_OTHER_ACCESS_KEY = "AKIDCONFORMANCE99999"
# Another region than most runs are in.
_ELSEWHERE = "eu-west-1"
# Where a session stands that has no server yet, or none at all; nothing is sent there.
_NOWHERE = "http://127.0.0.1:9"


@contextmanager
def opened(plan: Plan) -> Iterator[Session]:
    """The plan's target, started if it is ours to start, and stopped again.

    Raises TargetUnreachableError if nothing answers, UsageError for an address that may not be used, or
    a folder that nothing can be recorded in.
    """
    with connected(plan) as session, _ledger(plan) as ledger:
        _limit(plan, session)
        if not isinstance(plan.target, RecordedTarget) or read_head(Path(plan.target.folder)).settles:
            session.settle = Settling(session).settle
        session.fresh_targets = FreshTargets(_start_of_fresh(plan, session), plan.max_time)
        with _written_down(plan, session, ledger), _recorded(plan, session):
            try:
                yield session
            finally:
                session.states.close()


def _start_of_fresh(plan: Plan, session: Session) -> Callable[[], AbstractContextManager[Session]] | None:
    """What starts another target of the plan's kind, that holds nothing; None where that is not ours to do.

    Nor is it where requests are counted: whoever counts them means those to the target that was named.
    """
    if isinstance(plan.target, RecordedTarget):
        recorded = session.channel
        if not isinstance(recorded, ReplayedChannel) or not read_head(Path(plan.target.folder)).afresh:
            return None
        return lambda: _replayed_afresh(plan, session, recorded.player)
    if plan.max_requests is not None or not isinstance(plan.target, StartedTarget | EmbeddedReference):
        return None
    return lambda: _started_afresh(plan)


@contextmanager
def _started_afresh(plan: Plan) -> Iterator[Session]:
    """Another target of the plan's kind."""
    with connected(plan) as session:
        _limit(plan, session)
        session.settle = Settling(session).settle
        yield session


@contextmanager
def _replayed_afresh(plan: Plan, session: Session, player: Player) -> Iterator[Session]:
    """The answers of one that was recorded, whose end is not that of the recorded target."""
    liveness = Liveness(lambda: True, lambda: None)
    channel = ReplayedChannel(player, liveness)
    other = Session(plan, session.url, session.label, channel, liveness, session.credentials)
    other.faults, other.not_implemented = session.faults, session.not_implemented
    other.reads_log, other.settle = session.reads_log, Settling(other).settle
    yield other


def _limit(plan: Plan, session: Session) -> None:
    """Bound how fast requests are sent, and how many; and what goes into setups where time is short."""
    recorded = bool(plan.record) or isinstance(plan.target, RecordedTarget)
    session.states.keeps_spoilt = plan.max_time is not None and not recorded
    session.states.entire = recorded
    if plan.rate is not None:
        session.channel = MeteredChannel(session.channel, Pace(plan.rate))
    if plan.max_requests is not None:

        def stop() -> None:
            session.stopped = f"the run has sent {plan.max_requests} requests (--max-requests)"

        session.channel = MeteredChannel(session.channel, Budget(plan.max_requests, stop))


@contextmanager
def _ledger(plan: Plan) -> Iterator[Ledger | None]:
    """The plan's ledger, open, if it has one."""
    if not plan.ledger:
        yield None
        return
    ledger = Ledger(Path(plan.ledger), secrets=secret_texts(plan))
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def _written_down(plan: Plan, session: Session, ledger: Ledger | None) -> Iterator[None]:
    """Write into a ledger what is made over the session; in the end take away what is still there."""
    if ledger is None:
        if isinstance(plan.target, AccountTarget):
            _guard(plan, plan.target, session, None)
        yield
        return
    account = plan.target.account if isinstance(plan.target, AccountTarget) else ""
    place = LedgerEntry("", "", "", url=session.url, region=plan.region, account=account)
    below = session.channel
    session.channel = LedgerChannel(below, ledger, place, contract_of, undo_of)
    if isinstance(plan.target, AccountTarget):
        _guard(plan, plan.target, session, ledger)
    try:
        yield
    finally:
        if session.liveness.revive():
            sweep(below, ledger, ledger.state.entries, contract_of)


def _guard(plan: Plan, target: AccountTarget, session: Session, ledger: Ledger | None) -> None:
    from .accounts.guard import AccountRules, GuardedChannel
    from .accounts.selection import DEFAULT_REQUESTS

    requests = DEFAULT_REQUESTS if plan.max_requests is None else plan.max_requests
    rules = AccountRules(target.account, requests, target.allow_writes, target.max_costly)
    session.channel = GuardedChannel(session.channel, rules, ledger)


@contextmanager
def _recorded(plan: Plan, session: Session) -> Iterator[None]:
    """Write down every exchange of the session, if the plan says where."""
    if not plan.record:
        yield
        return
    target = plan.target
    head = RecordingHead(
        target_name(target),
        plan.region,
        session.faults,
        session.not_implemented,
        target.claims,
        phases=plan.phases,
        settles=True,
        afresh=session.fresh_targets.start is not None,
    )
    with Recorder(Path(plan.record), head, secret_texts(plan)) as recorder:
        session.channel = RecordedChannel(session.channel, recorder)
        start = session.fresh_targets.start
        if start is not None:
            session.fresh_targets.start = lambda: _also_recorded(start, recorder)
        yield


@contextmanager
def _also_recorded(
    start: Callable[[], AbstractContextManager[Session]], recorder: Recorder
) -> Iterator[Session]:
    """A fresh target, whose exchanges are written down where those of the run's own are."""
    with start() as session:
        session.channel = RecordedChannel(session.channel, recorder)
        yield session


@contextmanager
def connected(plan: Plan) -> Iterator[Session]:
    """The plan's target, with none of the plan's limits, and nothing written down."""
    match plan.target:
        case EmbeddedReference() | AwsCliTarget(url=""):
            with _reference(plan) as session:
                yield session
        case UrlTarget(url=url) | AwsCliTarget(url=url):
            reachable(url, allow_remote=plan.allow_remote, hosts=plan.hosts, tls=plan.tls)
            session = _session(plan, url, _live(plan, url))
            session.not_implemented = _signatures()
            yield session
        case StartedTarget() as target:
            with ExitStack() as stack:
                live = _live(plan, _NOWHERE)
                session = _session(plan, "$ENDPOINT_URL", live)
                session.not_implemented = tuple(dict.fromkeys((*target.not_implemented, *_signatures())))
                session.reads_log = True
                _restart(session, live, stack, target)
                session.liveness.restart = lambda: _restart(session, live, stack, target)
                yield session
        case RecordedTarget(folder=folder):
            head = read_head(Path(folder))
            # Where a recorded target died, it was started anew, or the recording ends there.
            liveness = Liveness(lambda: True, lambda: None)
            channel = ReplayedChannel(Player(Path(folder)), liveness)
            session = Session(plan, _NOWHERE, "$ENDPOINT_URL", channel, liveness, _credentials(plan))
            session.faults, session.not_implemented = head.faults, head.not_implemented
            # What was recorded at an address came without a log.
            session.reads_log = "://" not in head.target
            yield session
        case AccountTarget() as account:
            yield _account(plan, account)
        case _:
            assert_never(plan.target)


def _account(plan: Plan, target: AccountTarget) -> Session:
    """AWS itself, once it has said that the keys are of the account."""
    from ..targets.signing_v4a import EveryRegionSigner
    from .accounts.channel import AccountChannel
    from .accounts.endpoints import Endpoint, Endpoints
    from .accounts.identity import require_account

    liveness = Liveness(lambda: True)

    def connect(endpoint: Endpoint) -> LiveChannel:
        # Where AWS listens the user has said by naming it.
        named = replace(plan, allow_remote=True, region=endpoint.region)
        live = _live(named, endpoint.url)
        live.liveness = liveness
        live.signer = EveryRegionSigner if endpoint.every_region else Signer
        return live

    endpoints = Endpoints(plan.region, target.profile)
    channel = AccountChannel(endpoints, connect)
    require_account(channel, target.account, contract_of("sts"))
    service = plan.operations[0].partition(":")[0] if plan.operations else "sts"
    label = endpoints.base(service)
    return Session(plan, label, label, channel, liveness, _credentials(plan))


def _signatures() -> tuple[str, ...]:
    """The words by which any emulator that we know says that it lacks an operation."""
    from ..targets.presets import presets

    return tuple(text for preset in presets().values() for text in preset.not_implemented)


def _restart(session: Session, live: LiveChannel, stack: ExitStack, target: StartedTarget) -> None:
    """Start the session's target, for the first time or anew; what is left of a server before it ends."""
    stack.close()
    server = stack.enter_context(_started(target))
    session.url = live.url = server.url
    live.connection = connection_to(session.plan, server.url)
    live.marked, live.logged = server.mark, server.stderr_since
    session.liveness.listens = lambda: server.running and listening(server.url)


@contextmanager
def _started(target: StartedTarget) -> Iterator[StartedServer]:
    import tempfile

    from ..targets.process import answers_http, healthy, started

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
    from ..reference.clock import ManualClock
    from ..reference.service import Reference
    from ..reference.settings import Settings
    from ..targets.server import serve

    # Its time stands still but for when it is moved, so that no verdict depends on how fast we are.
    settings = Settings(faults=True, time_control=True, seed=plan.seed, stopping_seconds=1.0)
    reference = Reference(settings, ManualClock(round(time.time(), 3)))
    with serve(reference.handle) as server:
        session = _session(plan, "$ENDPOINT_URL", _live(plan, server.url))
        session.faults = session.reads_log = True
        yield session


def _session(plan: Plan, label: str, live: LiveChannel) -> Session:
    return Session(plan, live.url, label, live, live.liveness, live.credentials)


def _credentials(plan: Plan) -> Mapping[str, Credentials]:
    """The keys of the plan, or those of the reference; the same in another region; another account's."""
    from ..reference.settings import ACCESS_KEY, SECRET_KEY

    own = Credentials(
        plan.access_key or ACCESS_KEY, plan.secret_key or SECRET_KEY, plan.session_token or None
    )
    return {
        "own": own,
        "other": Credentials(_OTHER_ACCESS_KEY, SECRET_KEY),
        "elsewhere": replace(own, region=_ELSEWHERE if plan.region != _ELSEWHERE else "us-east-1"),
    }


def _live(plan: Plan, url: str) -> LiveChannel:
    return LiveChannel(
        connection=connection_to(plan, url),
        connect=lambda address: _upload_connection(plan, address),
        uploads=plan.uploads,
        credentials=_credentials(plan),
        region=plan.region,
        timeout=plan.timeout,
        clock=lambda: datetime.now(UTC),
        liveness=Liveness(
            lambda: listening(url, allow_remote=plan.allow_remote, hosts=plan.hosts, tls=plan.tls)
        ),
        url=url,
        headers=plan.headers,
    )


def connection_to(plan: Plan, url: str) -> Connection:
    """A connection to an address, by the rules of the plan."""
    return Connection(
        url, timeout=plan.timeout, allow_remote=plan.allow_remote, hosts=plan.hosts, tls=plan.tls
    )


def _upload_connection(plan: Plan, url: str) -> Connection:
    """A connection to where a target has files uploaded; the channel knows whether that may be."""
    hosts = (*plan.hosts, *(place.rpartition(":")[0] for place in plan.uploads))
    return Connection(url, timeout=plan.timeout, allow_remote=plan.allow_remote, hosts=hosts, tls=plan.tls)
