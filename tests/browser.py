# SPDX-License-Identifier: Apache-2.0
"""A real browser that opens our pages, and what it holds against them.

It owns where the browser is and how it is started. It refuses to know any page.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

__all__ = ["browser", "opened"]

_WALKS = Path(__file__).parent.parent / ".walks" / "chromium"
_INSTALLED = ("chromium", "chromium-browser", "google-chrome")


def _program() -> tuple[Path, dict[str, str | float | bool]]:
    """The browser and what its environment needs; skips the test, or fails it in CI, without one."""
    own = _WALKS / "chromium"
    if own.is_file():
        libraries = f"{_WALKS}:{_WALKS / 'lib'}"
        return own, {**os.environ, "LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(_WALKS)}
    path = next(filter(None, map(shutil.which, _INSTALLED)), None)
    if path is None:
        reason = "there is no browser: `make walks` puts one into .walks/chromium"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return Path(path), {**os.environ}


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser."""
    program, environment = _program()
    with sync_playwright() as playwright:
        # Its sandbox needs rights that a container mostly lacks; it opens nothing but our own pages.
        options = ["--no-sandbox", "--disable-gpu"]
        started = playwright.chromium.launch(executable_path=program, env=environment, args=options)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def opened(started: Browser, file: Path, *, width: int = 1280, dark: bool = False) -> Iterator[Page]:
    """The file in a window; whatever it says to the console, or asks of the network, fails the test."""
    page = started.new_page(
        viewport={"width": width, "height": 740}, color_scheme="dark" if dark else "light"
    )
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    page.on(
        "request", lambda request: complaints.append(request.url) if request.url != file.as_uri() else None
    )
    page.goto(file.as_uri())
    try:
        yield page
        assert complaints == []
    finally:
        page.close()
