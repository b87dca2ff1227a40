# SPDX-License-Identifier: Apache-2.0
"""docs/ as a site: every page has its place, it builds without a warning, and its first page fits any window.

It owns what is asked of the site as a whole. It refuses to know what the pages say; those that are made of
code are compared with it by `make check` (tools/make_docs.py --check).
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser import browser

ROOT = Path(__file__).parent.parent


def _named(nav: list[Any]) -> Iterator[str]:
    for entry in nav:
        for target in entry.values():
            yield from [target] if isinstance(target, str) else _named(target)


def test_every_page_has_a_place() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert sorted(_named(nav)) == sorted(pages)


def _built(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `make docs` does, for the pages in a folder."""
    zensical = Path(sys.executable).parent / "zensical"
    build = [str(zensical), "build", "--clean", "--strict"]
    return subprocess.run(build, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, built; some seconds, once."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "zensical.toml", folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    done = _built(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stderr
    return folder


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The address under which a folder is served; a page alone may not read the files beside it."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def _seen(page: Page, address: str, width: int) -> list[str]:
    """What the page says against itself, or asks of anybody else, while it is looked at."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(f"{address}/index.html", wait_until="networkidle")
    assert page.get_by_role("heading", level=1).inner_text().startswith("aws-conformance")
    for reader in ("maintain an emulator", "write an application", "gate a release", "You fuzz"):
        assert page.locator("article").get_by_role("link", name=reader).is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    return [text for text in complaints if not text.startswith(address)]


@pytest.mark.parametrize("width", [360, 1440])
def test_the_first_page_is_seen(project: Path, width: int) -> None:
    with browser() as started, _served(project / "site") as address:
        page = started.new_page(viewport={"width": width, "height": 740})
        assert _seen(page, address, width) == []


def test_a_broken_link_fails_the_build(project: Path) -> None:
    (project / "docs" / "index.md").write_text("# First\n\n[nowhere](gate.md#no-such-place)\n", "utf-8")
    assert _built(project).returncode != 0
