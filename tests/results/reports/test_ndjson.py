# SPDX-License-Identifier: Apache-2.0
"""NDJSON: what is on disk at each moment, what is read again, and what can be made of it."""

from __future__ import annotations

import gzip
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from tests.switchable import DESCRIBE, HEADER, conforming, events_of, findings, footer, miniature, switchable

from aws_conformance.cli import main
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.errors import UsageError
from aws_conformance.results.event_json import event_from_json, event_to_json
from aws_conformance.results.events import (
    CaseFinished,
    CaseInfo,
    Event,
    OperationFinished,
    Reported,
    RunFinished,
    RunStarted,
    Verified,
)
from aws_conformance.results.reports.event_schema import events_schema
from aws_conformance.results.reports.merge import merge
from aws_conformance.results.reports.ndjson import begin, read_log
from aws_conformance.results.reports.reading import read_report
from aws_conformance.results.reports.summary import Summary, summary_to_json
from aws_conformance.spec.schema.write import dump_schema

SCHEMA_FILE = Path(__file__).parents[3] / "schemas" / "events.json"


def _written(path: Path, events: list[Event]) -> Path:
    with path.open("w", encoding="utf-8") as stream:
        consume = begin(stream)
        for event in events:
            consume(event)
    return path


def test_each_event_is_a_line_that_is_written_at_once(events: list[Event], tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson"
    with path.open("w", encoding="utf-8") as stream:
        consume = begin(stream)
        for number, event in enumerate(events, 1):
            consume(event)
            # Read through another handle: nothing waits in a buffer for the end.
            assert len(path.read_text("utf-8").splitlines()) == number
    first, *_, last = map(json.loads, path.read_text("utf-8").splitlines())
    assert (first["@"], last["@"]) == ("RunStarted", "RunFinished")


def test_events_come_back_as_they_were(events: list[Event], tmp_path: Path) -> None:
    log = read_log(_written(tmp_path / "run.ndjson", events))
    assert list(log.events) == events
    assert log.complete


def _as_in_version_1(line: dict[str, Any]) -> dict[str, Any]:
    """An event as version 1 wrote it: a history's lifecycle and state had no fields of their own."""
    case = line.get("case", {})
    if case:
        lifecycle, state = case.pop("lifecycle"), case.pop("state")
        case |= {"keyword": lifecycle, "value_class": state} if lifecycle else {}
    return {**line, "version": 1} if line["@"] == "RunStarted" else line


def test_events_of_version_1_are_read(events: list[Event], tmp_path: Path) -> None:
    history = CaseInfo("a1", HEADER, "stateful", "path", "t", lifecycle="user-import-job", state="Created")
    broken = CaseInfo("a2", HEADER, "enumerated", "negative", "t", "/A", "maxLength", "one too long")
    cases = [CaseFinished(case, Verified(), 200) for case in (history, broken)]
    path = tmp_path / "run.ndjson"
    lines = [_as_in_version_1(event_to_json(event)) for event in (events[0], *cases)]
    assert lines[1]["case"]["keyword"] == "user-import-job"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    assert list(read_log(path).events) == [events[0], *cases]


def test_a_template_may_hold_anything(events: list[Event], tmp_path: Path) -> None:
    finding = findings(events)[0]
    odd = {"@": "Verified", "list": [{"@": 1}], "text": "\ud800"}
    shown = replace(finding, reproduction=replace(finding.reproduction, template=odd))
    log = read_log(_written(tmp_path / "run.ndjson", [events[0], shown]))
    assert log.events[1] == shown


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_file_that_was_cut_off_is_readable_and_says_so(
    events: list[Event], tmp_path: Path, cut: int
) -> None:
    path = _written(tmp_path / "run.ndjson", events)
    path.write_bytes(path.read_bytes()[:-cut])
    log = read_log(path)
    assert log.footer is None
    assert not log.complete
    assert list(log.events) == events[: len(log.events)]


def test_an_interrupted_run_is_not_complete(events: list[Event], tmp_path: Path) -> None:
    path = _written(tmp_path / "run.ndjson", [*events[:-1], RunFinished(130, ("Interrupted.",), 1.0)])
    assert not read_log(path).complete


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not begin with the header"),
        ("{}\n", "1: This is not an event"),
        ("[]\n", "does not begin with the header"),
        ("{\n{}\n", "1: not JSON"),
        ('{"@":"RunStarted","version":99}\n', "is of version 99, and this release reads up to 2"),
        ('{"@":"Nothing"}\n', "1: This is not an event"),
    ],
)
def test_any_other_file_is_refused_with_the_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.ndjson"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        read_log(path)


def test_the_committed_schema_is_current() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == dump_schema(events_schema())


def test_every_line_of_a_run_keeps_to_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(events_schema())
    with switchable(miniature("counter-as-text")) as target:
        events = events_of(Plan((DESCRIBE,), UrlTarget(target.url), max_examples=2))
    for event in events:
        line = json.loads(json.dumps(event_to_json(event)))
        validator.validate(line)
        assert event_from_json(line) == event
    broken = event_to_json(events[-1])
    del broken["reasons"]
    assert not validator.is_valid(broken)


def test_every_format_can_be_rendered_again_as_the_run_wrote_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kinds = ("json", "junit", "console", "ndjson")
    with switchable(miniature("counter-as-text")) as target:
        reports = [word for kind in kinds for word in ("--report", f"{kind}=run.{kind}")]
        assert main(["run", DESCRIBE, "--target", target.url, "--max-examples", "2", *reports]) == 1
    assert main(["report", "render", "run.ndjson", *(f"{kind}=again.{kind}" for kind in kinds)]) == 0
    for kind in kinds:
        first = Path(f"run.{kind}").read_text("utf-8")
        assert first
        assert Path(f"again.{kind}").read_text("utf-8") == first, kind


def test_a_log_may_be_compressed(
    events: list[Event], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _written(tmp_path / "run.ndjson", events)
    packed = tmp_path / "run.ndjson.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_log(packed).events == read_log(path).events
    assert read_report(packed).findings == read_report(path).findings
    packed.write_bytes(packed.read_bytes()[:-20])
    assert main(["report", "render", str(packed), f"json={tmp_path / 'a.json'}"]) == 2
    assert "cannot be unpacked" in capsys.readouterr().err


@pytest.mark.parametrize("cut", [1, 2])
def test_a_run_that_was_cut_off_is_rendered_as_far_as_it_was_seen(
    cut: int, events: list[Event], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Event] = [event for event in events if not isinstance(event, Reported | RunFinished)]
    path = _written(tmp_path / "run.ndjson", events[:-1] if cut == 1 else seen)
    places = [tmp_path / "a.json", tmp_path / "a.xml"]
    assert main(["report", "render", str(path), f"json={places[0]}", f"junit={places[1]}"]) == 0
    summary = json.loads(places[0].read_bytes())
    assert summary["exit"] == 130
    assert summary["operations"]
    own = {finding.violation.key for event in seen for finding in getattr(event, "findings", ())}
    assert len(summary["violations"]) == (len(own) if cut == 2 else len(_violations(events)))
    assert ET.fromstring(places[1].read_text("utf-8")).find(".//failure") is not None
    assert main(["report", "render", str(path), f"ndjson={path}"]) == 2
    assert "would be overwritten" in capsys.readouterr().err


def _violations(events: list[Event]) -> list[Reported]:
    return [event for event in events if isinstance(event, Reported)]


# Merging.


def _summary(events: list[Event]) -> dict[str, object]:
    summary = summary_to_json(Summary.from_events(events))
    for finding in summary["violations"]:
        # What the target made up and when it answered differs from run to run.
        finding["reproduce"]["response"] = finding["reproduce"]["request"] = ""
    return {key: value for key, value in summary.items() if key not in ("elapsed", "started")}


def test_merged_runs_amount_to_a_single_run_of_all_operations(tmp_path: Path) -> None:
    both = (HEADER, DESCRIBE)
    with switchable(miniature("untraceable")) as target:
        plan = Plan(both, UrlTarget(target.url), max_examples=1, fail_on="warning")
        unsplit = events_of(plan)
        parts = [events_of(replace(plan, operations=(name,))) for name in both]
    logs = [read_log(_written(tmp_path / f"{index}.ndjson", part)) for index, part in enumerate(parts)]
    merged = list(merge(logs))
    assert _summary(merged) == _summary(unsplit)
    assert footer(merged).reasons == footer(unsplit).reasons


def test_a_merged_verdict_is_the_gravest_and_keeps_what_the_baseline_said(
    events: list[Event], tmp_path: Path
) -> None:
    good = _part("a:A", reached=True)
    missing = _part("a:B", reached=False)
    stale = _part("a:C", reached=True, complaints=("known.yaml:3: stale",))
    logs = [
        read_log(_written(tmp_path / f"{index}.ndjson", part))
        for index, part in enumerate((good, missing, stale))
    ]
    assert footer(list(merge(logs[:1]))).exit == 0
    assert footer(list(merge(logs[:2]))).exit == 4
    assert footer(list(merge(logs))).exit == 1
    assert footer(list(merge(logs))).complaints == ("known.yaml:3: stale",)


def _part(operation: str, *, reached: bool, complaints: tuple[str, ...] = ()) -> list[Event]:
    head = RunStarted(
        "moto", 1, ("enumerated",), (operation,), {"botocore": "1"}, "2026-01-01", {"region": "x"}
    )
    finished = OperationFinished(operation, True, "", reached, 1, verified=1)
    return [head, finished, RunFinished(1 if complaints else 0, (), 1.0, complaints)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": "other"}, r"don't fit: another target \(moto and other\)"),
        ({"versions": {"botocore": "2"}}, "another version of botocore"),
        ({"phases": ("random",)}, "another phases"),
        ({"settings": {"region": "y"}}, "another region"),
    ],
)
def test_runs_that_do_not_fit_are_refused_in_a_single_line(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    first, second = _part("a:A", reached=True), _part("a:B", reached=True)
    second[0] = replace(second[0], **change)  # type: ignore[arg-type]
    logs = [
        read_log(_written(tmp_path / f"{index}.ndjson", part)) for index, part in enumerate((first, second))
    ]
    with pytest.raises(UsageError, match=message):
        list(merge(logs))


def test_merge_on_the_command_line(tmp_path: Path) -> None:
    first = _written(tmp_path / "a.ndjson", _part("a:A", reached=True))
    second = _written(tmp_path / "b.ndjson", _part("a:B", reached=False))
    out = tmp_path / "all.ndjson"
    assert main(["report", "merge", str(first), str(second), "--out", str(out)]) == 4
    assert read_log(out).header.operations == ("a:A", "a:B")
    _written(second, _part("a:B", reached=True)[:-1])
    assert main(["report", "merge", str(first), str(second), "--out", str(out)]) == 0
    _written(second, _part("a:B", reached=True)[:1])
    assert main(["report", "merge", str(first), str(second), "--out", str(out)]) == 4
    (reason,) = footer(list(read_log(out).events)).reasons
    assert re.fullmatch(r"missing: a:B, which .*b.ndjson did not come to the end of", reason)
    assert main(["report", "merge", str(first), "--out", str(first)]) == 2


def test_a_stream_is_all_that_a_format_needs(events: list[Event]) -> None:
    stream = io.StringIO()
    consume = begin(stream)
    for event in events:
        consume(event)
    assert len(stream.getvalue().splitlines()) == len(events)


def test_conforming_runs_merge_to_conforming(tmp_path: Path) -> None:
    with switchable(conforming(HEADER)) as target:
        events = events_of(Plan((HEADER,), UrlTarget(target.url), max_examples=0))
    log = read_log(_written(tmp_path / "a.ndjson", events))
    assert footer(list(merge([log]))).exit == 0
