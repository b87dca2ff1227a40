# SPDX-License-Identifier: Apache-2.0
"""Units handed to Dask distributed: an embedded cluster, or somebody's scheduler.

It owns how units travel and come back, and what happens to one whose worker dies. It refuses to know what a
unit is. Which worker gets what, and that what a dead worker had is done by another, is Dask's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ...errors import ConformanceError, TargetUnreachableError, UsageError
from ...targets.address import parse_address, require_loopback

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

__all__ = ["Cluster", "Delivery", "cluster"]

# So many workers may die of a unit before it is given up.
_DEATHS = 5
# So often an embedded cluster is begun.
_STARTS = 5
# Seconds after which a worker that is away is replaced: one that starts slowly has time to come.
_AWAY = 20.0
# So many units wait at each worker, so that none has to wait for us.
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Delivery:
    """A unit that came back: with its result, or with why there is none.

    "unreachable": the target did not answer; "deadly": it takes its workers along.
    """

    number: int
    result: dict[str, Any] | None
    fate: Literal["done", "unreachable", "deadly"] = "done"
    reason: str = ""


class Cluster:
    """The workers of a campaign."""

    def __init__(self, client: Client, workers: int, local: LocalCluster | None = None) -> None:
        """The workers that a client reaches; a cluster of our own, if given, is kept at that number."""
        self._client = client
        self._local = local
        self._short_since: float | None = None
        self.workers = workers

    def carried_out(
        self,
        units: Iterator[int],
        submit: Callable[[int], tuple[Callable[..., Any], Any]],
        *,
        tick: float,
    ) -> Iterator[Delivery | None]:
        """Each unit as it comes back, in any order; None whenever `tick` seconds pass without one.

        `submit` says what is to be done for a unit: a function and its argument. Units are taken from their
        iterator as workers become free, so that whoever ends it ends the campaign.
        """
        from distributed import wait

        waiting: dict[Future[Any], int] = {}
        more = True
        while True:
            while more and len(waiting) < self.workers * _AHEAD:
                number = next(units, None)
                if number is None:
                    more = False
                    break
                function, argument = submit(number)
                future = self._client.submit(function, argument, pure=False, priority=-number)
                waiting[future] = number
            if not waiting:
                return
            self._replace_lost()
            try:
                through = wait(list(waiting), timeout=tick, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                yield None
                continue
            for future in through:
                delivery = _delivery(future, waiting.pop(future))
                future.release()
                yield delivery

    def _replace_lost(self) -> None:
        """Start others for workers that stay away.

        Dask starts a worker again that dies, but gives one up that dies while it starts.
        """
        if self._local is None:
            return
        missing = self.workers - len(self._client.scheduler_info(n_workers=-1)["workers"])
        now = time.monotonic()
        if missing <= 0:
            self._short_since = None
        elif self._short_since is None:
            self._short_since = now
        elif now - self._short_since > _AWAY:
            self._local.scale(len(self._local.workers) + missing)
            self._short_since = None


def _delivery(future: Future[Any], number: int) -> Delivery:
    from distributed import KilledWorker

    try:
        return Delivery(number, future.result())
    except TargetUnreachableError as error:
        return Delivery(number, None, "unreachable", str(error))
    except KilledWorker as error:
        return Delivery(number, None, "deadly", str(error))


@contextmanager
def cluster(address: str, workers: int, *, allow_remote: bool, hosts: tuple[str, ...]) -> Iterator[Cluster]:
    """The workers at a scheduler's address, or of a cluster of our own if there is none.

    Raises UsageError where Dask is not installed, for an address that may not be used, or if nobody is there.
    """
    try:
        import dask
        from distributed import Client
    except ImportError:
        raise UsageError(
            "Campaigns need Dask distributed.", "Install it: pip install 'aws-conformance[dask]'."
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    settings = {
        "distributed.scheduler.allowed-failures": _DEATHS,
        # The dashboard is another door that nobody asked for.
        "distributed.dashboard.link": "",
        "distributed.admin.log-length": 1_000,
        # Of each half of a second it keeps a sample, for an hour.
        "distributed.admin.system-monitor.log-length": 120,
        # It keeps an hour of stacks, which is more than all that we hold.
        "distributed.worker.profile.enabled": False,
    }
    with dask.config.set(settings), ExitStack() as stack:
        if not address:
            local = stack.enter_context(_embedded(workers))
            yield Cluster(stack.enter_context(Client(local)), workers, local)
            return
        _guarded(address, allow_remote=allow_remote, hosts=hosts)
        try:
            client = stack.enter_context(Client(address, timeout=10))
        except (OSError, ValueError) as error:
            raise ConformanceError(
                f"No scheduler answers at {address}: {error}.", "Start one with `dask scheduler`."
            ) from None
        client.wait_for_workers(1, timeout=60)
        yield Cluster(client, max(1, len(client.scheduler_info(n_workers=-1)["workers"])))


def _embedded(workers: int) -> LocalCluster:
    """A cluster on this machine; begun again if a worker dies before it is there."""
    from distributed import LocalCluster

    failure = ""
    for _ in range(_STARTS):
        try:
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                # Any free port of the loopback: the usual one may be taken by the campaign beside us.
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        except RuntimeError as error:
            failure = str(error)
    raise ConformanceError(f"The workers can't be started: {failure}", "Is there memory for them? Try fewer.")


def _guarded(address: str, *, allow_remote: bool, hosts: tuple[str, ...]) -> None:
    """Raises UsageError for a scheduler elsewhere than on the loopback that nobody has allowed."""
    scheme, separator, place = address.partition("://")
    if not separator or scheme not in ("tcp", "tls"):
        raise UsageError(f"{address!r} is no scheduler's address.", "Write it as tcp://127.0.0.1:8786.")
    require_loopback(parse_address(f"http://{place}").origin, allow_remote, hosts)
