"""The written architecture, enforced: which part of the package may import which, held as data.

Imports within functions and under TYPE_CHECKING count as well: an arrow is an arrow.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "conformance" / "aws_conformance"

# Each part with the parts that it may import. A part is a module of the package or a folder of it.
# The order is the layering: what stands further down may use what stands above, never the reverse.
ARROWS: dict[str, frozenset[str]] = {
    "choices": frozenset(),
    "csv_file": frozenset(),
    "errors": frozenset(),
    "shapes": frozenset(),
    "wire": frozenset(),
    "validators": frozenset(),
    "vocabulary": frozenset(),
    "outcomes": frozenset({"errors"}),
    "models": frozenset({"errors", "shapes"}),
    "pages": frozenset({"errors", "models", "shapes"}),
    "drift": frozenset({"errors", "models", "pages", "shapes"}),
    "regexes": frozenset({"choices", "errors"}),
    "generate": frozenset({"choices", "regexes"}),
    "mutations": frozenset({"choices", "generate"}),
    "schema": frozenset({"regexes", "shapes"}),
    "schema_reader": frozenset({"errors", "schema", "shapes"}),
    "schema_files": frozenset({"codecs", "errors", "models", "schema", "shapes", "vocabulary"}),
    "codecs": frozenset({"errors", "shapes", "wire"}),
    "expectations": frozenset({"outcomes"}),
    "baseline": frozenset({"outcomes"}),
    "baseline_file": frozenset({"baseline", "errors", "validators"}),
    "verdict": frozenset({"baseline", "outcomes"}),
    "plan": frozenset({"baseline", "outcomes"}),
    "checks": frozenset({"codecs", "expectations", "lifecycles", "outcomes", "shapes", "validators", "wire"}),
    "compiled": frozenset(
        {"checks", "codecs", "errors", "generate", "models", "schema", "shapes", "validators"}
    ),
    "validation": frozenset({"checks", "codecs", "compiled", "errors", "outcomes", "shapes", "wire"}),
    "resources": frozenset({"expectations", "outcomes", "shapes"}),
    "lifecycles": frozenset({"errors", "models", "outcomes", "resources", "shapes", "validators"}),
    "shell": frozenset(),
    "transcripts": frozenset(),
    "scripts": frozenset({"shell", "transcripts", "wire"}),
    "retell": frozenset({"lifecycles", "outcomes", "scripts", "transcripts"}),
    "cases": frozenset(
        {"choices", "compiled", "expectations", "generate", "mutations"}
        | {"outcomes", "resources", "shapes", "wire"}
    ),
    "redaction": frozenset({"resources", "shapes", "wire"}),
    "masking": frozenset({"redaction", "shapes"}),
    "recording": frozenset({"errors", "masking", "redaction", "shapes", "wire"}),
    "rebuild": frozenset({"cases", "compiled", "errors", "expectations", "outcomes", "redaction", "shapes"}),
    "reproduce": frozenset(
        {
            "cases",
            "compiled",
            "masking",
            "outcomes",
            "rebuild",
            "redaction",
            "resources",
            "shapes",
            "shell",
            "wire",
        }
    ),
    "targets": frozenset({"errors", "wire"}),
    "reference": frozenset({"codecs", "errors", "models", "regexes", "shapes", "wire"}),
    "clitarget": frozenset(
        {
            "cases",
            "checks",
            "compiled",
            "expectations",
            "masking",
            "outcomes",
            "pages",
            "reproduce",
            "resources",
            "shapes",
            "targets",
            "wire",
        }
    ),
    "engine": frozenset(
        {
            "baseline",
            "cases",
            "checks",
            "clitarget",
            "compiled",
            "csv_file",
            "errors",
            "expectations",
            "lifecycles",
            "masking",
            "models",
            "outcomes",
            "plan",
            "rebuild",
            "recording",
            "redaction",
            "reference",
            "reproduce",
            "resources",
            "retell",
            "shapes",
            "targets",
            "transcripts",
            "verdict",
            "wire",
        }
    ),
    "selectors": frozenset({"errors", "models", "shapes"}),
    "reports": frozenset({"errors", "outcomes", "verdict"}),
    "target_words": frozenset({"errors", "plan", "recording", "targets"}),
    "config": frozenset(
        {
            "baseline",
            "baseline_file",
            "checks",
            "errors",
            "lifecycles",
            "models",
            "outcomes",
            "plan",
            "selectors",
            "target_words",
            "validators",
        }
    ),
    "commands": frozenset(
        {
            "baseline",
            "baseline_file",
            "cases",
            "checks",
            "codecs",
            "compiled",
            "config",
            "drift",
            "target_words",
            "engine",
            "errors",
            "lifecycles",
            "models",
            "outcomes",
            "pages",
            "plan",
            "reference",
            "reports",
            "schema",
            "schema_reader",
            "selectors",
            "shapes",
            "targets",
            "validation",
            "wire",
        }
    ),
    "cli": frozenset({"commands", "errors", "models", "reports"}),
    "plugin": frozenset(
        {
            "cases",
            "checks",
            "choices",
            "compiled",
            "config",
            "engine",
            "errors",
            "expectations",
            "generate",
            "models",
            "outcomes",
            "plan",
            "reference",
            "regexes",
            "reports",
            "resources",
            "schema",
            "selectors",
            "shapes",
            "validation",
            "validators",
            "verdict",
            "wire",
        }
    ),
    "pytest_plugin": frozenset({"plugin"}),
    "__init__": frozenset({"engine", "errors", "outcomes", "plan", "plugin", "validation"}),
}


def part_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_parts(file: Path) -> set[str]:
    """Parts of everything of the package that a file imports, anywhere in it."""
    package = ("aws_conformance", *file.relative_to(ROOT).parts[:-1])
    found: set[str] = set()
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
                found.add(name[1])
    return found


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
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = package[: len(package) - node.level + 1]
        module = ".".join((*base, *(node.module.split(".") if node.module else ())))
        for alias in node.names:
            inner = f"{module}.{alias.name}"
            # A name that is no module is defined in the module itself.
            found.add(inner if inner in known else module)
    return found & known
