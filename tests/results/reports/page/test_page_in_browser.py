# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser: it filters, it keeps still, it fits a phone, and the keyboard is enough."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser import browser, opened

from aws_conformance.results.events import (
    Event,
    OperationFinished,
    Reported,
    RunFinished,
    RunStarted,
    Violation,
)
from aws_conformance.results.reports import report_format
from aws_conformance.results.reports.page.render import together

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)"><b>bold</b>'
FINDINGS = 20_000


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with browser() as process:
        yield process


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[[list[Event]], Path]:
    def write(events: list[Event]) -> Path:
        stream = io.StringIO()
        consume = report_format("html").begin(stream)
        for event in events:
            consume(event)
        file = tmp_path / "page.html"
        file.write_text(stream.getvalue(), "utf-8")
        return file

    return write


def many(violation: Callable[..., Violation], reported: Callable[..., Reported]) -> list[Event]:
    """A run with very many findings over 100 operations."""
    names = tuple(f"cognito-idp:Operation{number}" for number in range(100))
    findings = [
        reported(
            violation(
                names[number % 100], path=f"$.Member{number}", severity="note" if number % 4 else "error"
            ),
            1,
            (names[number % 100],),
        )
        for number in range(FINDINGS)
    ]
    return [
        RunStarted("big", 1, ("enumerated",), names, {}, "2026-01-01T00:00:00Z"),
        *(OperationFinished(name, True, "", True, 200, violated=200) for name in names),
        *findings,
        RunFinished(1, ("violations",), 2.5),
    ]


def rows(page: Page) -> int:
    return page.locator("#rows .row").count()


def test_filters_narrow_the_list(
    started: Browser, events: list[Event], page_of: Callable[[list[Event]], Path]
) -> None:
    with opened(started, page_of(events)) as page:
        assert rows(page) == 2
        page.select_option("#severity", "note")
        expect(page.locator("#count")).to_have_text("1 of 2")
        expect(page.locator(".row")).to_contain_text("StopUserImportJob")
        page.click("#reset")
        expect(page.locator("#count")).to_have_text("2")
        page.select_option("#check", "response.timestamp.form")
        expect(page.locator(".row")).to_contain_text("StartUserImportJob")
        page.select_option("#operation", "cognito-idp:StopUserImportJob")
        expect(page.locator("#count")).to_have_text("0 of 2")
        page.click("#reset")
        page.fill("#text", "EPOCH creationdate")
        expect(page.locator("#count")).to_have_text("1 of 2")
        page.fill("#text", "nowhere")
        assert rows(page) == 0


def test_a_cause_and_a_cell_of_the_matrix_show_their_findings(
    started: Browser, events: list[Event], page_of: Callable[[list[Event]], Path]
) -> None:
    with opened(started, page_of(events)) as page:
        page.locator("[data-cause]").first.click()
        expect(page.locator("#count")).to_have_text("1 of 2")
        expect(page.locator(".row")).to_contain_text("StartUserImportJob")
        page.locator(".matrix button").first.click()
        expect(page.locator("#count")).to_have_text("1 of 2")


def test_the_keyboard_alone_is_enough(
    started: Browser, events: list[Event], page_of: Callable[[list[Event]], Path]
) -> None:
    """From the top of the page to a finding's raw exchange and back, by keys that the page tells of."""
    with opened(started, page_of(events)) as page:
        page.keyboard.press("/")
        page.keyboard.type("import")
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "list":
                break
        assert page.evaluate("document.activeElement.id") == "list"
        page.keyboard.press("ArrowDown")
        assert page.locator("[aria-selected=true]").inner_text().count("StopUserImportJob") == 1
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        expect(page.locator("#detail")).to_be_focused()
        expect(page.locator("#detail")).to_contain_text("HTTP/1.1 200 OK")
        expect(page.locator("#detail")).to_contain_text("aws-conformance reproduce REPORT")
        page.keyboard.press("Escape")
        expect(page.locator("#list")).to_be_focused()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(
    started: Browser, events: list[Event], page_of: Callable[[list[Event]], Path], *, dark: bool
) -> None:
    long = [
        replace(event, evidence="x" * 500, operation=f"cognito-idp:{'Long' * 30}")
        if isinstance(event, OperationFinished) and not event.implemented
        else event
        for event in events
    ]
    with opened(started, page_of(long), width=360, dark=dark) as page:
        page.click(".row")
        expect(page.locator("#detail")).to_contain_text("HTTP/1.1 200 OK")
        page.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(255, 255, 255)") != dark


def test_twenty_thousand_findings_filter_at_once(
    started: Browser,
    violation: Callable[..., Violation],
    reported: Callable[..., Reported],
    page_of: Callable[[list[Event]], Path],
) -> None:
    with opened(started, page_of(many(violation, reported))) as page:
        expect(page.locator("#count")).to_have_text("20,000")
        assert 0 < rows(page) < 60
        times = page.evaluate(
            """async () => {
              const text = document.getElementById("text"), times = [];
              for (const word of ["m", "member1", "operation7 member1", "nothing", ""]) {
                const began = performance.now();
                text.value = word;
                text.dispatchEvent(new Event("input", { bubbles: true }));
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
                times.push(performance.now() - began);
              }
              return times;
            }"""
        )
        # The median, because the machine may have other things to do for a moment.
        assert sorted(times)[2] < 200, times
        page.focus("#list")
        page.keyboard.press("End")
        expect(page.locator("[aria-selected=true]")).to_have_attribute("aria-posinset", "20000")
        page.keyboard.press("Enter")
        expect(page.locator("#detail")).to_contain_text("HTTP/1.1 200 OK")


def test_markup_of_a_target_stays_text(
    started: Browser,
    events: list[Event],
    violation: Callable[..., Violation],
    reported: Callable[..., Reported],
    page_of: Callable[[list[Event]], Path],
) -> None:
    """In every place that a target can fill; a dialog or a console message would fail the test as well."""
    finding = reported(
        replace(violation(path=HOSTILE, got=HOSTILE), expected=HOSTILE, thrown=HOSTILE, site=HOSTILE)
    )
    shown = replace(finding.reproduction, request=HOSTILE, response=f"\ud800 {HOSTILE}", curl=HOSTILE)
    hostile: list[Event] = [
        replace(event, target=HOSTILE)
        if isinstance(event, RunStarted)
        else replace(event, evidence=HOSTILE, unreached=HOSTILE)
        if isinstance(event, OperationFinished)
        else event
        for event in events
    ]
    hostile.insert(-1, replace(finding, reproduction=shown))
    with opened(started, page_of(hostile)) as page:
        page.fill("#text", "onerror")
        page.locator(".row").last.click()
        expect(page.locator("#detail")).to_contain_text("<b>bold</b>")
        assert page.locator("img, b:not(.side b)").count() == 0
        assert page.locator("#detail pre").filter(has_text="alert(1)").count() == 3


def test_runs_stand_side_by_side(started: Browser, events: list[Event], tmp_path: Path) -> None:
    def named(target: str) -> list[Event]:
        return [replace(event, target=target) if isinstance(event, RunStarted) else event for event in events]

    fixed = [event for event in named("emulator==1.10") if not isinstance(event, Reported)]
    stream = io.StringIO()
    together(stream, [named("emulator==1.9"), fixed])
    file = tmp_path / "page.html"
    file.write_text(stream.getvalue(), "utf-8")
    with opened(started, file) as page:
        assert page.locator(".matrix thead th").all_inner_texts() == [
            "operation",
            "emulator==1.9",
            "emulator==1.10",
        ]
        row = page.locator(".matrix tbody tr").filter(has_text="StartUserImportJob")
        assert [text.strip() for text in row.locator("td").all_inner_texts()] == ["✗ 1", "✓"]
        page.select_option("#run", "1")
        expect(page.locator("#count")).to_have_text("0 of 2")
        page.click("#reset")
        page.click(".row")
        expect(page.locator("#detail dd").filter(has_text="emulator==1.10")).to_have_count(1)
        assert page.locator("figcaption").filter(has_text="emulator over its versions").count() == 1
