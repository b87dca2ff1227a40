# SPDX-License-Identifier: Apache-2.0
"""The text of a page, cut into lines, sections and the few facts that say what the page is about.

It owns how a page can come (reStructuredText, `aws ... help` text, text copied out of the HTML page), so
that every later step sees one form: numbered lines without terminal codes, and sections by name. It
refuses to know what options, members or types are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import ConformanceError

__all__ = ["Command", "Link", "PageError", "PageSource", "Section", "fail", "read_source"]


@dataclass(eq=False)
class PageError(ConformanceError):
    """A page that cannot be read: where it stops making sense and what was expected there (exit code 2).

    `line` counts from 1; 0 means the page as a whole.
    """

    code: str = "page"
    page: str = "<page>"
    line: int = 0
    expected: str = ""
    actual: str = ""


def fail(page: str, line: int, expected: str, actual: str, hint: str = "") -> PageError:
    """The error for line `line`, its one line of text computed from the facts."""
    place = f"{page}:{line}" if line else page
    short = actual if len(actual) <= 60 else f"{actual[:57]}..."
    return PageError(
        f"{place}: expected {expected}, found {short}.",
        hint,
        page=page,
        line=line,
        expected=expected,
        actual=actual,
    )


@dataclass(frozen=True, slots=True)
class Section:
    """Lines `start` to `end` (exclusive, counted from 0) below the heading `name`."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    """What the page's link to the API documentation says: the service's uid and the operation's name."""

    uid: str
    operation: str


@dataclass(frozen=True, slots=True)
class Command:
    """`aws <service> <operation>`, as typed; `service` is empty where the page does not say."""

    service: str
    operation: str


@dataclass(frozen=True, slots=True)
class PageSource:
    """A page as lines and sections. `version` is awscli's own, where the page names it."""

    page: str
    lines: tuple[str, ...]
    sections: Mapping[str, Section]
    command: Command
    links: tuple[Link, ...]
    version: str

    def text(self, section: Section) -> str:
        return "\n".join(self.lines[section.start : section.end])


SECTIONS = (
    "description",
    "synopsis",
    "options",
    "global options",
    "examples",
    "output",
    "see also",
    "available commands",
)

# A terminal shows bold as `N\bN` and underlining as `_\bN`; newer groffs use escape sequences.
_OVERSTRIKE = re.compile(r".\x08")
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\]8;[^\x1b\x07]*(?:\x1b\\|\x07)")
# Sphinx's permalinks, copied along with the headings of the HTML page.
_PERMALINK = re.compile("[¶\uf0c1]+$")
_ADORNMENT = re.compile(r"([=*~^+#-])\1{2,}$")
_LINK = re.compile(r"/goto/WebAPI/([^/\s>\"']+)/([A-Za-z0-9_]+)")
_LABEL = re.compile(r"^\.\. _cli:aws (.+):\s*$")
_CRUMB = re.compile(r"^\s*\[ (?:aws|:ref:`aws <cli:aws>`) (?:\. .*)?\]\s*$")
_CRUMB_STEP = re.compile(r"\. (?::ref:`([^ `]+) <[^`]*>`|([^ ]+))")
_VERSION = re.compile(r"AWS CLI (\d+\.\d+\.\d+)")


def read_source(text: str, page: str) -> PageSource:
    """The page as sections. Raises PageError if it has no Synopsis, or none that names a command."""
    lines = _lines(text)
    sections = _sections(lines, page)
    for needed in ("synopsis", "options"):
        if needed not in sections:
            raise fail(
                page,
                len(lines),
                f"a section headed {needed.title()}",
                "the end of the page",
                "Is this the page of one operation, such as `aws cognito-idp start-user-import-job`?",
            )
    links = []
    for start, line in enumerate(lines):
        if start >= sections["synopsis"].start:
            break
        links += [Link(uid, operation) for uid, operation in _LINK.findall(line)]
    described = "\n".join(lines[: sections["synopsis"].start])
    version = _VERSION.search(described)
    return PageSource(
        page=page,
        lines=tuple(lines),
        sections=sections,
        command=_command(lines, sections["synopsis"], page),
        links=tuple(links),
        version=version.group(1) if version else "",
    )


def _lines(text: str) -> list[str]:
    """Lines without what only a terminal or a browser needs.

    Only line feeds end a line: prose holds form feeds and Unicode separators that `splitlines` would
    cut at, and line numbers must be those of an editor.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\x08" in text:
        text = _OVERSTRIKE.sub("", text)
    if "\x1b" in text:
        text = _ESCAPE.sub("", text)
    if "\xa0" in text:
        text = text.replace("\xa0", " ")
    return (text.expandtabs() if "\t" in text else text).split("\n")


def _sections(lines: list[str], page: str) -> dict[str, Section]:
    headings: list[tuple[str, int, int]] = []  # name, first line of the heading, first line below it
    bare: list[tuple[str, int, int]] = []
    for number, line in enumerate(lines):
        if not line or line[0].isspace() or len(line) > 40:
            continue
        name = _PERMALINK.sub("", line.strip()).strip().casefold()
        if name not in SECTIONS:
            continue
        below = lines[number + 1].strip() if number + 1 < len(lines) else ""
        if _ADORNMENT.match(below):
            above = number > 0 and lines[number - 1].strip() == below
            headings.append((name, number - above, number + 2))
        else:
            bare.append((name, number, number + 1))
    # Prose and examples of a reStructuredText page may hold a bare "Output"; a rendering has no adornment.
    chosen = headings if any(name == "synopsis" for name, _, _ in headings) else bare
    sections: dict[str, Section] = {}
    for index, (name, _, start) in enumerate(chosen):
        end = chosen[index + 1][1] if index + 1 < len(chosen) else len(lines)
        if name in ("synopsis", "options") and name in sections:
            raise fail(page, start, f"one section headed {name.title()}", "a second one")
        sections[name] = Section(name, start, end)
    return sections


def _command(lines: list[str], synopsis: Section, page: str) -> Command:
    first = next((n for n in range(synopsis.start, synopsis.end) if lines[n].strip(" :\t")), None)
    if first is None:
        raise fail(page, synopsis.start, "the command's name below Synopsis", "nothing")
    operation = lines[first].strip().split()[0]
    service = ""
    for line in lines[: synopsis.start]:
        if label := _LABEL.match(line):
            service = label.group(1).split()[0]
            break
        if _CRUMB.match(line):
            steps = [first or second for first, second in _CRUMB_STEP.findall(line)]
            service = steps[0] if steps else ""
            break
    return Command(service, operation)
