# SPDX-License-Identifier: Apache-2.0
"""The written architecture, enforced: which part of the package may import which, held as data.

Imports within functions and under TYPE_CHECKING count as well: an arrow is an arrow. So is how things are
called: names that say nothing of what they hold are counted, in the package and in its tests.
"""

from __future__ import annotations

import ast
import functools
import io
import keyword
import re
import tokenize
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "conformance" / "aws_conformance"

# Each part with the parts that it may import. A part is a module of the package or a folder of it.
# The order is the layering: what stands further down may use what stands above, never the reverse.
ARROWS: dict[str, frozenset[str]] = {
    "choices": frozenset(),
    "errors": frozenset(),
    "files": frozenset(),
    "http": frozenset(),
    "codings": frozenset({"http"}),
    "captures": frozenset({"codings", "errors", "files", "http"}),
    "spec": frozenset({"choices", "errors", "files"}),
    "targets": frozenset({"codings", "errors", "http"}),
    "generate": frozenset({"choices", "spec"}),
    "protocols": frozenset({"codings", "errors", "http", "spec"}),
    "results": frozenset({"errors", "files", "spec"}),
    "cases": frozenset({"choices", "errors", "files", "generate", "http", "protocols", "results", "spec"}),
    "reference": frozenset({"cases", "choices", "generate", "http", "protocols", "spec"}),
    "checks": frozenset({"cases", "codings", "errors", "http", "protocols", "results", "spec"}),
    "reproduce": frozenset({"cases", "errors", "http", "protocols", "results", "spec"}),
    "engine": frozenset(
        {
            "cases",
            "checks",
            "errors",
            "files",
            "http",
            "protocols",
            "reference",
            "reproduce",
            "results",
            "spec",
            "targets",
        }
    ),
    "frontends": frozenset(
        {
            "captures",
            "cases",
            "checks",
            "choices",
            "engine",
            "errors",
            "files",
            "generate",
            "http",
            "protocols",
            "reference",
            "reproduce",
            "results",
            "spec",
            "targets",
        }
    ),
    "__main__": frozenset({"frontends"}),
    "cli": frozenset({"frontends"}),
    "pytest_plugin": frozenset({"frontends"}),
    "__init__": frozenset({"checks", "engine", "errors", "frontends", "results"}),
}

# A part stands one floor above the highest that it uses. A chain is of modules, each importing the next.
MOST_FLOORS = 8
LONGEST_CHAIN = 15

# Words that fit everything and so name nothing: of the identifiers on 1,000 lines, fewer than one may be such
# a word, and fewer than one may have it as a part.
EMPTY_WORDS = frozenset({"one", "found", "told", "made", "whole", "given", "wanted", "kept"})
EMPTY_PER_LINE = 1 / 1000


def part_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_parts(file: Path) -> set[str]:
    """Parts of everything of the package that a file imports, anywhere in it."""
    package = ("aws_conformance", *file.relative_to(ROOT).parts[:-1])
    parts: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names: list[tuple[str, ...]] = []
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            names = [(*module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        for name in names:
            if name[0] == "aws_conformance" and len(name) > 1:
                parts.add(name[1])
    return parts


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_arrows(file: Path) -> None:
    part = part_of(file)
    allowed = ARROWS[part]
    for other in sorted(imported_parts(file) - {part}):
        assert other in allowed, f"{file.name}: {part} may not import {other}"


def test_arrows_run_downwards() -> None:
    """The allowed arrows have no cycle."""
    order: list[str] = []

    def visit(part: str, trail: tuple[str, ...]) -> None:
        assert part not in trail, f"cycle: {' -> '.join((*trail, part))}"
        if part in order:
            return
        for other in sorted(ARROWS[part]):
            visit(other, (*trail, part))
        order.append(part)

    for part in ARROWS:
        visit(part, ())


def test_no_arrow_is_left_over() -> None:
    """The table holds exactly the arrows that exist: one that nobody needs any more would invite its use."""
    for part, allowed in ARROWS.items():
        used = set().union(*(imported_parts(file) for file in FILES if part_of(file) == part)) - {part}
        assert used == allowed, f"{part} no longer imports {sorted(allowed - used)}"


def test_there_are_few_floors() -> None:
    @functools.cache
    def floor(part: str) -> int:
        return 1 + max(map(floor, ARROWS[part]), default=0)

    assert max(map(floor, ARROWS)) <= MOST_FLOORS


def test_chains_of_modules_are_short() -> None:
    """Whoever wants to understand a module follows its imports; this is how far that may lead."""
    names = {_module_name(file): file for file in FILES}
    graph = {
        name: _imported_modules(file, set(names)) - {name, "aws_conformance"} for name, file in names.items()
    }

    @functools.cache
    def chain(name: str) -> tuple[str, ...]:
        return (name, *max(map(chain, sorted(graph[name])), key=len, default=()))

    longest = max(map(chain, graph), key=len)
    assert len(longest) <= LONGEST_CHAIN, " -> ".join(longest)


def test_every_part_is_there() -> None:
    """An arrow of a part that is gone would allow nothing and hide that the table is stale."""
    parts = {part_of(file) for file in FILES}
    assert parts <= set(ARROWS), f"parts without a row: {parts - set(ARROWS)}"


def test_no_cycle_between_modules() -> None:
    """Modules, too, import one another without a cycle, within a part as well."""
    graph: dict[str, set[str]] = {}
    names = {_module_name(file): file for file in FILES}
    for name, file in names.items():
        graph[name] = {other for other in _imported_modules(file, set(names)) if other != name}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"cycle: {' -> '.join((*trail[trail.index(name) :], name))}"
        if name in done:
            return
        for other in sorted(graph[name]):
            visit(other, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def _module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(("aws_conformance", *(part for part in parts if part != "__init__")))


def _imported_modules(file: Path, known: set[str]) -> set[str]:
    package = ("aws_conformance", *file.relative_to(ROOT).parts[:-1])
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = package[: len(package) - node.level + 1]
        module = ".".join((*base, *(node.module.split(".") if node.module else ())))
        for alias in node.names:
            inner = f"{module}.{alias.name}"
            # A name that is no module is defined in the module itself.
            modules.add(inner if inner in known else module)
    return modules & known


def _identifiers(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            yield token.string


def _empty_words(identifier: str) -> set[str]:
    """The empty words in an identifier of either spelling, `snake_case` or `CamelCase`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)
    return {word.lower() for word in words} & EMPTY_WORDS


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("kept", {"kept"}),
        ("_kept_keys", {"kept"}),
        ("GivenCase", {"given"}),
        ("CASES_KEPT", {"kept"}),
        ("wholeOne2", {"whole", "one"}),
        ("unwanted_phones", set()),
        ("Component", set()),
    ],
)
def test_empty_words_are_seen_in_any_spelling(identifier: str, words: set[str]) -> None:
    assert _empty_words(identifier) == words


@pytest.mark.parametrize("folder", [ROOT, Path(__file__).parent], ids=["package", "tests"])
def test_names_say_what_they_hold(folder: Path) -> None:
    lines = 0
    names: list[str] = []
    parts: list[str] = []
    for file in sorted(folder.rglob("*.py")):
        text = file.read_text("utf-8")
        lines += text.count("\n")
        for identifier in _identifiers(text):
            if identifier in EMPTY_WORDS:
                names.append(f"{file.relative_to(folder)}: {identifier}")
            elif _empty_words(identifier):
                parts.append(f"{file.relative_to(folder)}: {identifier}")
    assert lines > 10_000, "counts nothing"
    assert len(names) < lines * EMPTY_PER_LINE, names
    assert len(parts) < lines * EMPTY_PER_LINE, parts


def test_every_file_says_its_licence() -> None:
    root = ROOT.parent.parent
    folders = ("benchmarks", "conformance", "docs", "tests", "tools")
    files = [file for folder in folders for file in (root / folder).rglob("*.py")]
    heads = {file: file.read_text("utf-8").split("\n", 2)[:2] for file in files}
    assert [file for file, head in heads.items() if "# SPDX-License-Identifier: Apache-2.0" not in head] == []


def test_a_type_has_a_name_of_its_own() -> None:
    """Whoever reads of an Answer need not ask which."""
    places: dict[str, set[str]] = {}
    for file in FILES:
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name.lstrip("_"), set()).add(_module_name(file))
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def test_every_dependency_has_a_reason() -> None:
    repository = ROOT.parents[1]
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.split(r"[<>=\[]", line)[0] for line in needed} - {"aws-conformance"}
    page = (repository / "docs" / "architecture.md").read_text("utf-8")
    _, _, section = page.partition("## Dependencies, and why\n")
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    assert len(rows) == len(set(rows))
    table = "\n".join(rows).replace("types-*", "types-PyYAML types-jsonschema")
    assert {name for name in names if name not in table} == set()
