# SPDX-License-Identifier: Apache-2.0
"""Campaigns on Dask: shards on workers equal one process, and a kill of anything changes nothing.

Clusters of processes take seconds to come up, so there is one here, and it is disturbed. More kills are
`make kills`.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # as in the tool
import pytest
from tools.kill_campaign import Campaign, summary_of

from aws_conformance.cli import main
from aws_conformance.engine.campaign import cluster as clusters
from aws_conformance.engine.campaign import conduct
from aws_conformance.engine.campaign.cluster import Cluster, Delivery, cluster
from aws_conformance.engine.campaign.conduct import Conditions, Standing, campaign
from aws_conformance.engine.campaign.worker import carry_out_unit
from aws_conformance.engine.plan import Plan
from aws_conformance.errors import TargetUnreachableError, UsageError
from aws_conformance.results.events import Event

HEADER = "cognito-idp:GetCSVHeader"


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)


def test_a_campaign_whose_worker_and_whose_own_process_are_killed_equals_a_run(tmp_path: Path) -> None:
    plan = ["--phase", "enumerated", "--effort", "quick", "--seed", "7"]
    disturbed = Campaign(tmp_path / "campaign", [*plan, "--workers", "2", "--cuts", "8"], [HEADER])
    try:
        _until(lambda: disturbed.workers() or not disturbed.running)
        for process in disturbed.workers()[:1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        _until(lambda: disturbed.units() or not disturbed.running)
        disturbed.kill()
        summary = disturbed.end()
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            disturbed.process.kill()
    report = tmp_path / "run.json"
    main(["run", HEADER, *plan, "-q", "--report", f"json={report}"])
    assert summary == summary_of(json.loads(report.read_text("utf-8")))


def test_a_worker_that_is_gone_for_good_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask gives up a worker that dies while it starts: then nobody would ever carry out anything."""
    monkeypatch.setattr(clusters, "_AWAY", 0.5)
    with cluster("", 1, allow_remote=False, hosts=()) as workers:
        local = workers._local
        assert local is not None
        (nanny,) = local.workers.values()
        local.sync(nanny.close)
        deliveries = workers.carried_out(iter([7]), lambda number: (abs, -number), tick=0.2)
        results: list[Any] = [delivery.result for delivery in deliveries if delivery is not None]
    assert results == [7]


class _Workers:
    """Stands for a cluster: carries out each unit at once, but for those that `fates` let fail first."""

    def __init__(self, fates: dict[int, list[Delivery]]) -> None:
        self.workers = 2
        self.fates = fates
        self.order: list[int] = []

    def carried_out(self, units: Iterator[int], submit: Any, *, tick: float) -> Iterator[Delivery | None]:
        for number in units:
            self.order.append(number)
            failures = self.fates.get(number)
            if failures:
                yield failures.pop(0)
                continue
            function, plan = submit(number)
            assert (function, plan.rate) == (carry_out_unit, 250.0)
            yield Delivery(number, function(plan))
            yield None


def _conducted(
    tmp_path: Path, fates: dict[int, list[Delivery]], monkeypatch: pytest.MonkeyPatch
) -> tuple[_Workers, list[Event], list[Standing]]:
    workers = _Workers(fates)

    @contextmanager
    def stand_in(*_: object, **__: object) -> Iterator[_Workers]:
        yield workers

    monkeypatch.setattr(conduct, "cluster", stand_in)
    monkeypatch.setattr(conduct, "_PAUSE", 0.0)
    monkeypatch.setattr(conduct, "_LOOK", -1.0)
    events: list[Event] = []
    standings: list[Standing] = []
    plan = Plan((HEADER,), phases=("enumerated",), budget=8, rate=500.0)
    campaign(plan, events.append, Conditions(tmp_path, cuts=4), standings.append, carry_out_unit)
    return workers, events, standings


def test_a_unit_that_fails_is_tried_again_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Delivery(1, None, "unreachable", "nobody there")
    deadly = Delivery(2, None, "deadly", "its workers died")
    fates = {1: [away, away], 2: [deadly] * 3}
    workers, events, standings = _conducted(tmp_path, fates, monkeypatch)
    assert sorted(workers.order) == [0, 1, 1, 1, 2, 2, 2, 3]
    last = events[-1]
    assert getattr(last, "exit", None) == 4
    assert getattr(last, "reasons", ()) == (
        "unit 3 was given up: its workers died",
        "missing of seed 0: shards 3/4",
    )
    incidents = [standing.incident for standing in standings if standing.incident]
    assert incidents[0] == "unit 2: nobody there"
    assert (standings[-1].progress.units, standings[-1].planned) == (3, 4)
    # What was given up is tried again by the next, and nothing else is.
    workers, events, _ = _conducted(tmp_path, {}, monkeypatch)
    assert (workers.order, getattr(events[-1], "exit", None)) == ([2], 0)
    assert _conducted(tmp_path, {}, monkeypatch)[0].order == []


def test_a_target_that_stays_away_ends_the_campaign_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Delivery(1, None, "unreachable", "nobody there")
    with pytest.raises(TargetUnreachableError, match="goes on with it"):
        _conducted(tmp_path, {1: [away] * 3}, monkeypatch)
    assert 0 not in _conducted(tmp_path, {}, monkeypatch)[0].order


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://198.51.100.7:8786", "loopback"),
        ("127.0.0.1:8786", "is no scheduler's address"),
        ("http://127.0.0.1:8786", "is no scheduler's address"),
    ],
)
def test_a_scheduler_elsewhere_needs_to_be_allowed(address: str, message: str) -> None:
    with pytest.raises(UsageError, match=message), cluster(address, 1, allow_remote=False, hosts=()):
        pass


def test_an_embedded_cluster_whose_worker_dies_at_once_is_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[dict[str, Any]] = []

    class Starting:
        def __init__(self, **options: Any) -> None:
            starts.append(options)
            if len(starts) < 3:
                raise RuntimeError("Nanny failed to start.")

        def __enter__(self) -> Starting:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    class Client(Starting):
        def __init__(self, local: object) -> None:
            pass

    monkeypatch.setattr("distributed.LocalCluster", Starting)
    monkeypatch.setattr("distributed.Client", Client)
    with cluster("", 2, allow_remote=False, hosts=()) as workers:
        assert isinstance(workers, Cluster)
    assert len(starts) == 3
    # Nobody but this machine sees its doors.
    assert starts[0]["dashboard_address"] == "127.0.0.1:0"
    monkeypatch.setattr(clusters, "_STARTS", 0)
    with pytest.raises(Exception, match="can't be started"), cluster("", 2, allow_remote=False, hosts=()):
        pass


@pytest.mark.parametrize("words", [["--for", "8 hours"], ["--for", "0"], ["--rate", "0"], ["--rounds", "-1"]])
def test_words_that_are_none_are_refused_in_a_line(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["campaign", HEADER, "--dir", str(tmp_path), *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
