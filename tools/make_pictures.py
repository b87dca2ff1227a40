# SPDX-License-Identifier: Apache-2.0
"""Draws the pictures of the README anew: the page and the terminal, of the runs that are in fixtures/matrix.

It owns what stands in a picture. It refuses to know how a page or a screen comes about. It needs the browser
of `make walks`.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from aws_conformance.results.reports.console import ConsoleReport
from aws_conformance.results.reports.ndjson import read_log
from aws_conformance.results.reports.page.render import page
from aws_conformance.results.reports.recorded import recorded

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent
_RUNS = tuple(
    _ROOT / "fixtures" / "matrix" / f"{name}.ndjson.gz"
    for name in ("reference", "moto", "ministack", "cognito-local")
)
_PICTURES = _ROOT / "docs" / "pictures"
_COLUMNS = 118


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _screen() -> str:
    """What the terminal shows at the end of a run, as SVG."""
    stream = _Terminal()
    report = ConsoleReport(stream, live=False, width=_COLUMNS)
    for event in read_log(_RUNS[1]).events:
        report(event)
    console = Console(record=True, width=_COLUMNS, file=io.StringIO())
    # The line before is told while the run goes on.
    _, _, screen = stream.getvalue().partition("\n\n")
    console.print(Text.from_ansi(screen), no_wrap=True)
    image = console.export_svg(title="aws-conformance run cognito-idp --target moto")
    # Fonts of another site; the reader's own do.
    return re.sub(r"@font-face \{.*?\}", "", image, flags=re.DOTALL).replace("Fira Code, ", "")


def main() -> int:
    """Write the pictures; the exit code."""
    sys.path.insert(0, str(_ROOT))
    from tests.browser import browser

    _PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, browser() as started:
        folder = Path(name)
        (folder / "page.html").write_text(page([recorded(read_log(run).events) for run in _RUNS]), "utf-8")
        (_PICTURES / "terminal.svg").write_text(_screen(), "utf-8")
        window = started.new_page(viewport={"width": 1200, "height": 760})
        window.goto((folder / "page.html").as_uri())
        window.screenshot(path=_PICTURES / "page.png")
        window.fill("#text", "CreateUserPool crash")
        window.focus("#list")
        window.keyboard.press("Enter")
        window.wait_for_selector("#detail pre")
        window.evaluate("document.getElementById('findings').scrollIntoView()")
        window.screenshot(path=_PICTURES / "findings.png")
    for picture in sorted(_PICTURES.iterdir()):
        print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
