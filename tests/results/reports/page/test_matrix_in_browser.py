# SPDX-License-Identifier: Apache-2.0
"""The page of four targets on cognito-idp, from recorded events, in a real browser.

`make matrix` records them anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browser import browser, opened

from aws_conformance.results.reports.ndjson import read_log
from aws_conformance.results.reports.page.render import page
from aws_conformance.results.reports.recorded import recorded

FOLDER = Path(__file__).parents[4] / "fixtures" / "matrix"
TARGETS = ("reference", "moto", "ministack", "cognito-local")


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with browser() as process:
        yield process


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("matrix") / "matrix.html"
    runs = [recorded(read_log(FOLDER / f"{target}.ndjson.gz").events) for target in TARGETS]
    path.write_text(page(runs), "utf-8")
    return path


def test_four_targets_stand_side_by_side(started: Browser, file: Path) -> None:
    with opened(started, file) as shown:
        heads = shown.locator(".matrix thead th").all_inner_texts()
        assert [head.partition("==")[0] for head in heads] == ["operation", *TARGETS]
        assert shown.locator(".matrix tbody tr").count() == 141
        row = shown.locator(".matrix tbody tr").filter(has_text="StartUserImportJob").first
        assert row.locator("td").nth(0).inner_text().strip() in ("✓", "~ 1")
        assert [row.locator("td").nth(place).inner_text().strip() for place in (1, 2, 3)] == ["–"] * 3
        cell = shown.locator('button[data-operation="cognito-idp:CreateUserPool"][data-column="1"]')
        cell.click()
        expect(shown.locator("#count")).to_contain_text(" of ")
        expect(shown.locator(".row").filter(has_text="cognito-idp:CreateUserPool ").first).to_be_visible()
        number = int(cell.inner_text().split()[1])
        shown.select_option("#severity", "error")
        expect(shown.locator("#count")).to_contain_text(f"{number} of")
        assert shown.locator("figure.plot").count() == 2
        assert shown.locator("#coverage table").count() == 4


def test_it_fits_a_phone(started: Browser, file: Path) -> None:
    with opened(started, file, width=360) as shown:
        shown.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
        shown.click(".row")
        expect(shown.locator("#detail pre").first).to_be_visible()
        assert shown.evaluate("document.documentElement.scrollWidth") <= 360
