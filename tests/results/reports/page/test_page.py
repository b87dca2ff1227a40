# SPDX-License-Identifier: Apache-2.0
"""The page as a file: what it says, that it asks for nothing, and that what a target sent is no markup."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from aws_conformance.cli import main
from aws_conformance.results.events import (
    CaseFinished,
    CaseInfo,
    Covered,
    Event,
    OperationFinished,
    Reported,
    RunStarted,
    Verified,
    Violated,
)
from aws_conformance.results.reports.ndjson import begin as begin_ndjson
from aws_conformance.results.reports.page.matrix import matrix
from aws_conformance.results.reports.page.plots import plots
from aws_conformance.results.reports.page.render import page
from aws_conformance.results.reports.recorded import recorded

HOSTILE = '</script><img src="http://example.com/x" onerror="alert(1)">'


class _Elements(HTMLParser):
    """Names and attributes of all elements, and the texts of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._within = tag

    def handle_data(self, data: str) -> None:
        if self._within in self.texts:
            self.texts[self._within].append(data)

    def handle_endtag(self, tag: str) -> None:
        self._within = ""


def written(path: Path, events: list[Event]) -> Path:
    with path.open("w", encoding="utf-8") as stream:
        consume = begin_ndjson(stream)
        for event in events:
            consume(event)
    return path


def test_markup_of_a_target_makes_no_element(events: list[Event]) -> None:
    def hostile(event: Event) -> Event:
        match event:
            case RunStarted():
                return replace(event, target=HOSTILE, versions={HOSTILE: HOSTILE})
            case OperationFinished():
                return replace(event, evidence=HOSTILE, unreached=HOSTILE)
            case Reported():
                violation = replace(
                    event.violation, path=HOSTILE, got=HOSTILE, expected=HOSTILE, site=HOSTILE
                )
                return replace(event, violation=violation, baseline=HOSTILE)
            case _:
                return event

    shown = _Elements(page([recorded(map(hostile, events))])).elements
    assert {tag for tag, _ in shown} - {
        tag for tag, _ in _Elements(page([recorded(events)])).elements
    } == set()
    assert all(not name.startswith("on") for _, attributes in shown for name in attributes)


def test_the_policy_names_our_own_script_and_style_and_nothing_else(events: list[Event]) -> None:
    document = _Elements(page([recorded(events)]))
    policy = next(a["content"] or "" for tag, a in document.elements if a.get("http-equiv"))
    directives = dict(part.split(" ", 1) for part in policy.split("; "))

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert directives["default-src"] == "'none'"
    assert directives["style-src"] == digest(document.texts["style"][0])
    assert directives["script-src"] == digest(document.texts["script"][-1])
    addresses = {name for _, attributes in document.elements for name in attributes} & {
        "src",
        "srcset",
        "action",
    }
    assert addresses == set()
    links = [attributes.get("href") or "" for _, attributes in document.elements if "href" in attributes]
    assert all(link.startswith("#") for link in links)


def test_details_hold_the_raw_exchange_and_what_runs_again(events: list[Event]) -> None:
    text = page([recorded(events)])
    parts = re.findall(r'id="part-\d+">([^<]+)<', text)
    details = [item for part in parts for item in json.loads(gzip.decompress(base64.b64decode(part)))]
    assert len(details) == 2
    assert details[0][0]["request"] == "POST / HTTP/1.1"
    assert details[0][0]["aws"].startswith("aws cognito-idp start-user-import-job")


def test_equal_runs_make_equal_pages(events: list[Event]) -> None:
    assert page([recorded(events)]) == page([recorded(events)])


def test_a_text_that_no_encoding_takes_is_written(
    events: list[Event], reported: Callable[..., Reported]
) -> None:
    odd = [
        replace(item, target="a\ud800b\u202e") if isinstance(item, RunStarted) else item for item in events
    ]
    text = page([recorded(odd)])
    assert "a\\ud800b\\u202e" in text
    text.encode("utf-8")


def test_a_matrix_says_what_became_of_each_operation(events: list[Event]) -> None:
    cut_off = [
        event for event in events if getattr(event, "operation", "") != "cognito-idp:StartUserImportJob"
    ]
    shown = matrix([recorded(events), recorded(cut_off)])
    assert {row.operation.partition(":")[2]: [cell.standing for cell in row.cells] for row in shown.rows} == {
        "GetCSVHeader": ["not implemented", "not implemented"],
        "StartUserImportJob": ["violations", "unfinished"],
        "StopUserImportJob": ["not reached", "not reached"],
    }


def test_a_violation_does_not_hide_that_nothing_was_reached(
    events: list[Event], reported: Callable[..., Reported], violation: Callable[..., object]
) -> None:
    stop = "cognito-idp:StopUserImportJob"
    shown = matrix([recorded([*events, reported(violation(stop), 1, (stop,))])])
    cell = next(row.cells[0] for row in shown.rows if row.operation == stop)
    assert (cell.standing, cell.unreached, cell.evidence) == ("violations", True, "no job could be made")


def test_causes_are_plotted_by_when_they_were_seen_first(
    events: list[Event], violation: Callable[..., object]
) -> None:
    info = CaseInfo("e-9", "cognito-idp:StartUserImportJob", "enumerated", "positive", "later")
    cases: list[Event] = [
        CaseFinished(info, Verified(), 200, elapsed=3.0),
        CaseFinished(info, Violated((violation(),)), 200, elapsed=1.0),  # type: ignore[arg-type]
        CaseFinished(info, Violated((violation(),)), 200, elapsed=4.0),  # type: ignore[arg-type]
    ]
    run = recorded([*(event for event in events if not isinstance(event, CaseFinished)), *cases])
    plot = next(plot for plot in plots([run]) if plot.title.startswith("Causes"))
    assert [(point.x, point.y) for point in plot.lines[0].points] == [(0.5, 0.5), (1.0, 0.5)]


def test_coverage_stands_by_operation_and_kind(events: list[Event]) -> None:
    covered = (Covered("output members", 8, 4, 3, ("$.A", "$.<b>", "$.C")), Covered("errors", 4, 4, 0))
    counted = [
        replace(event, coverage=covered) if isinstance(event, OperationFinished) and event.reached else event
        for event in events
    ]
    text = page([recorded(counted)])
    assert "4 of 8" in text
    assert "<summary>4 not judged</summary><ul><li>$.A</li><li>$.&lt;b&gt;</li>" in text
    assert "<li>and 1 more</li>" in text
    assert "3 depart" in text
    assert "Divergence against coverage" in text


def test_nobody_earns_a_score_by_refusing(events: list[Event]) -> None:
    def scored(coverage: tuple[Covered, ...]) -> float:
        counted = [
            replace(event, coverage=coverage)
            if isinstance(event, OperationFinished) and event.reached
            else event
            for event in events
        ]
        score = recorded(counted).score
        assert score is not None
        return score

    # One of three operations is reached: what says that it is not there, or refuses, is not left out.
    assert scored((Covered("input values", 10, 10, 0),)) == pytest.approx(1 / 3)
    assert scored((Covered("input values", 10, 1, 0),)) == pytest.approx(1 / 30)
    assert scored((Covered("input values", 10, 10, 5),)) < 1 / 4


def test_several_runs_are_rendered_side_by_side(
    events: list[Event], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("emulator==1.ndjson", "emulator==2.ndjson"):
        renamed = [
            replace(event, target=name.removesuffix(".ndjson")) if isinstance(event, RunStarted) else event
            for event in events
        ]
        written(Path(name), renamed)
    words = ["emulator==1.ndjson", "emulator==2.ndjson"]
    assert main(["report", "render", *words, "html=page.html"]) == 0
    text = Path("page.html").read_text("utf-8")
    assert '<th scope="col">emulator==1</th><th scope="col">emulator==2</th>' in text
    assert main(["report", "render", *words, "junit=run.xml"]) == 2
    assert "The format junit is of one run." in capsys.readouterr().err
    assert main(["report", "render", *words]) == 2
    assert "No format is named" in capsys.readouterr().err
    assert main(["report", "render", "html=page.html"]) == 2
