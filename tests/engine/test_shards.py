# SPDX-License-Identifier: Apache-2.0
"""Shards: each case is of exactly one, and merged they are the run that nobody cut."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from tests.switchable import HEADER, events_of, footer, miniature, switchable

from aws_conformance.cli import main
from aws_conformance.engine.parts import Part
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.shards import shard_of
from aws_conformance.errors import UsageError
from aws_conformance.results.events import (
    CaseFinished,
    Event,
    Inconclusive,
    OperationFinished,
    RunFinished,
    RunStarted,
)
from aws_conformance.results.reports.merge import merge
from aws_conformance.results.reports.ndjson import Log
from aws_conformance.results.reports.summary import Summary, summary_to_json

CREATE, DESCRIBE = "cognito-idp:CreateUserImportJob", "cognito-idp:DescribeUserImportJob"


def _log(events: Sequence[Event], path: str = "run.ndjson") -> Log:
    head, end = events[0], events[-1]
    assert isinstance(head, RunStarted)
    return Log(path, head, tuple(events), end if isinstance(end, RunFinished) else None)


def _summary(events: Sequence[Event]) -> dict[str, object]:
    summary = summary_to_json(Summary.from_events(events))
    for violation in summary["violations"]:
        # What the target made up and when it answered differs from run to run.
        violation["reproduce"]["response"] = violation["reproduce"]["request"] = ""
    return {key: value for key, value in summary.items() if key not in ("elapsed", "started")}


def _sharded(plan: Plan, count: int) -> list[Log]:
    return [_log(events_of(shard_of(plan, index, count)), f"{index}.ndjson") for index in range(1, count + 1)]


@pytest.mark.parametrize("length", [0, 1, 2, 7, 100])
@pytest.mark.parametrize("count", [1, 2, 3, 8, 11])
def test_parts_have_each_item_once_and_in_order(length: int, count: int) -> None:
    items = range(length)
    parts = [Part(Fraction(index, count), Fraction(index + 1, count)) for index in range(count)]
    assert [item for part in parts for item in part.of(items)] == list(items)


@pytest.mark.parametrize("count", [1, 2, 5, 8, 20])
def test_shards_share_out_every_operation(count: int) -> None:
    plan = Plan(tuple(f"sqs:{name}" for name in ("ListQueues", "CreateQueue", "SendMessage")))
    shares: Counter[str] = Counter()
    for index in range(1, count + 1):
        shard = shard_of(plan, index, count)
        assert shard.operations
        for name in shard.operations:
            part = shard.part(name)
            shares[name] += part.end - part.start  # type: ignore[assignment]
    assert shares == dict.fromkeys(plan.operations, 1)


def test_eight_shards_merged_equal_a_single_run_with_its_histories() -> None:
    plan = Plan(
        (HEADER, CREATE, DESCRIBE),
        phases=("enumerated", "random", "stateful"),
        seed=7,
        max_examples=6,
        # The reference's own identifiers depart from a documented pattern now and then, and a list of what it
        # holds may be empty before anything else was asked of it.
        excluded_checks=("response.constraint.pattern", "response.constraint.length"),
    )
    unsplit = events_of(plan)
    logs = _sharded(plan, 8)
    assert any(not shard_of(plan, index, 8).part(CREATE).complete for index in range(1, 9))
    assert _summary(list(merge(logs))) == _summary(unsplit)
    # Each shard sends little more than its part.
    sent = sum(isinstance(event, CaseFinished) for log in logs for event in log.events)
    assert sent <= sum(isinstance(event, CaseFinished) for event in unsplit) + 2 * len(logs)


def test_findings_of_shards_count_as_often_as_in_a_single_run() -> None:
    with switchable(miniature("untraceable")) as target:
        plan = Plan((HEADER,), UrlTarget(target.url), max_examples=10, fail_on="warning")
        unsplit = events_of(plan)
        logs = _sharded(plan, 3)
    merged = list(merge(logs))
    assert footer(unsplit).exit == footer(merged).exit == 1
    counts, expected = (
        {finding.violation.id: finding.count for finding in event.findings}
        for events in (merged, unsplit)
        for event in events
        if isinstance(event, OperationFinished)
    )
    assert counts == expected
    assert _summary(merged)["totals"] == _summary(unsplit)["totals"]


def _merged(logs: Sequence[Log]) -> list[Event]:
    """The merged events, without what is of time."""
    return [replace(event, elapsed=0.0) if isinstance(event, RunFinished) else event for event in merge(logs)]


def test_merging_is_idempotent_in_any_order_and_says_what_is_missing() -> None:
    plan = Plan((HEADER, DESCRIBE), phases=("enumerated",), seed=3)
    logs = _sharded(plan, 4)
    everything = _merged(logs)
    assert footer(everything).exit == 0
    partial = _merged([logs[0], logs[2]])
    assert footer(partial).exit == 4
    assert footer(partial).reasons == (
        "missing of seed 3: shards 2/4 (operation 1 of 2), 4/4 (operation 2 of 2)",
    )
    shuffled = [*logs, *logs[1:3], _log(partial, "partial.ndjson")]
    random.Random(1).shuffle(shuffled)
    assert _merged(shuffled) == everything
    assert _merged([_log(everything), *logs]) == everything
    # What was missing may come later, from a machine that was given up.
    assert _merged([_log(partial), logs[3], logs[1]]) == everything


def test_other_seeds_add_their_random_cases_and_nothing_twice() -> None:
    plan = Plan((HEADER,), seed=1, max_examples=20)
    first, second = (events_of(replace(plan, seed=seed)) for seed in (1, 2))
    merged = _merged([_log(first), _log(second)])
    ids = {event.case.id for event in (*first, *second) if isinstance(event, CaseFinished)}
    (finished,) = (event for event in merged if isinstance(event, OperationFinished))
    assert finished.cases == len(ids)
    head = merged[0]
    assert isinstance(head, RunStarted)
    assert (head.seed, head.settings["seeds"]) == (1, [1, 2])
    assert _merged([_log(merged), _log(second)]) == merged


def test_what_another_shard_reached_is_verified_in_hindsight() -> None:
    logs = _sharded(Plan((HEADER,), phases=("enumerated",)), 2)
    unreached = []
    for event in logs[1].events:
        if isinstance(event, CaseFinished):
            event = replace(event, outcome=Inconclusive("the operation was not reached in this run"))
        elif isinstance(event, OperationFinished):
            event = replace(event, reached=False, unreached="no luck", verified=0, inconclusive=event.cases)
        unreached.append(event)
    merged = _merged([logs[0], replace(logs[1], events=tuple(unreached))])
    (finished,) = (event for event in merged if isinstance(event, OperationFinished))
    assert (finished.reached, finished.inconclusive, finished.unreached) == (True, 0, "")
    assert finished.verified == finished.cases
    assert footer(merged).exit == 0


def test_a_shard_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(tmp_path / f"{index}.ndjson") for index in (1, 2)]
    words = ["run", HEADER, "--phase", "enumerated", "-q"]
    for index, file in enumerate(files, 1):
        assert main([*words, "--shard", f"{index}/2", "--report", f"ndjson={file}"]) == 0
    assert main(["report", "merge", *files, "--out", str(tmp_path / "all.ndjson")]) == 0
    for wrong in ("0/2", "3/2", "1", "a/b", "1/0"):
        assert main([*words, "--shard", wrong]) == 2
        assert "is no shard" in capsys.readouterr().err
    assert main([*words, "--shard", "1/2", "--protocol", "all"]) == 2


def test_another_version_does_not_fit() -> None:
    log = _log(events_of(Plan((HEADER,), phases=("enumerated",))))
    other = replace(log, path="b.ndjson", header=replace(log.header, versions={"botocore": "0"}))
    with pytest.raises(UsageError, match="another version of"):
        list(merge([log, other]))
