# SPDX-License-Identifier: Apache-2.0
"""Random mutants of the package, each tried on the tests that concern it: how many does the suite notice?

    python tools/mutants.py COUNT [--seed N] [--parts cases,generate,checks,engine] [--workers N]

A mutant is one change to one expression or statement: a comparison turned round, a condition negated, a
number off by one, `and` for `or`, a statement left out, a text emptied. Tests are run on a copy of the tree,
nearest first: those that import the module, those that mirror its folder, then those of the whole engine.
Prints a line per mutant and the share that was killed; it changes nothing in the tree that it is run from.
Takes about half a minute per mutant: `make mutants` is no part of `make check`.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path("conformance/aws_conformance")
PARTS = "cases,generate,checks,engine"
# Tests that concern everything, tried when those beside a module notice nothing.
WIDE = (
    "tests/engine/test_engine.py",
    "tests/cases/test_cases.py",
    "tests/test_miniatures.py",
    "tests/test_oracle_miniatures.py",
    "tests/test_planted_faults.py",
    "tests/engine/test_stateful.py",
    "tests/test_lifecycle_miniatures.py",
    "tests/engine/test_deaths.py",
    "tests/engine/test_record.py",
    "tests/engine/test_replay.py",
    "tests/frontends/test_cli.py",
)
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: where, in words, and the module's text with it."""

    module: Path
    line: int
    change: str
    text: str


def places_of(source: str) -> list[int]:
    """The places of a module's tree, in the order of `ast.walk`, that a mutant can be made of."""
    tree = ast.parse(source)
    prose = set(map(id, _prose(tree)))
    return [
        index
        for index, node in enumerate(ast.walk(tree))
        if id(node) not in prose and _change(node) is not None
    ]


def mutant_at(module: Path, source: str, place: int) -> Mutant:
    """The mutant of a place."""
    tree = ast.parse(source)
    node = next(item for index, item in enumerate(ast.walk(tree)) if index == place)
    change = _change(node)
    assert change is not None
    line = getattr(node, "lineno", 0)
    _apply(tree, node)
    return Mutant(module, line, change, ast.unparse(ast.fix_missing_locations(tree)))


def _prose(tree: ast.AST) -> Iterator[ast.AST]:
    """What no test has to notice: docstrings, annotations, and what `__all__` lists."""
    for holder in ast.walk(tree):
        match holder:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef():
                first = holder.body[0] if holder.body else None
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    yield from ast.walk(first)
                if isinstance(holder, ast.FunctionDef) and holder.returns is not None:
                    yield from ast.walk(holder.returns)
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                yield from ast.walk(holder)
            case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=annotation):
                if annotation is not None:
                    yield from ast.walk(annotation)
            case _:
                pass


def _change(node: ast.AST) -> str | None:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _OPPOSITES:
            return f"{type(operator).__name__} -> {_OPPOSITES[type(operator)].__name__}"
        case ast.BoolOp():
            return "and <-> or"
        case ast.UnaryOp(op=ast.Not()):
            return "not left out"
        case ast.If() | ast.IfExp():
            return "condition negated"
        case ast.Constant(value=bool()):
            return "True <-> False"
        case ast.Constant(value=int()):
            return "one more"
        case ast.Constant(value=str(text)) if text:
            return "text emptied"
        case ast.Expr(value=ast.Call()):
            return "call left out"
        case ast.AugAssign():
            return "+= left out"
        case ast.Return(value=value) if value is not None:
            return "returns None"
        case _:
            return None


def _apply(tree: ast.AST, node: ast.AST) -> None:
    match node:
        case ast.Compare(ops=[operator]):
            node.ops = [_OPPOSITES[type(operator)]()]
        case ast.BoolOp(op=operator):
            node.op = ast.Or() if isinstance(operator, ast.And) else ast.And()
        case ast.UnaryOp(operand=operand):
            _exchange(tree, node, operand)
        case ast.If() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(value)):
            node.value = value + 1
        case ast.Constant(value=str()):
            node.value = ""
        case ast.Expr() | ast.AugAssign():
            _exchange(tree, node, ast.Pass())
        case ast.Return():
            node.value = ast.Constant(None)
        case _:  # pragma: no cover - _changes names nothing else
            raise AssertionError(node)


def _exchange(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for holder in ast.walk(tree):
        for name, value in ast.iter_fields(holder):
            if value is old:
                setattr(holder, name, new)
            elif isinstance(value, list) and old in value:
                value[value.index(old)] = new


def importing(module: Path) -> list[str]:
    """The tests that import a module by its name."""
    dotted = ".".join(("aws_conformance", *module.relative_to(PACKAGE).with_suffix("").parts))
    imports = re.compile(rf"^(?:from|import) {re.escape(dotted)}(?: |$)", re.MULTILINE)
    return [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        if imports.search(file.read_text("utf-8"))
    ]


def nearest(module: Path) -> list[str]:
    """The tests that mirror a module's folder; those of the folder above where it has none of its own."""
    folder = module.relative_to(PACKAGE).parent
    while folder != Path():
        own = sorted((ROOT / "tests" / folder).glob("test_*.py"))
        if own:
            return [str(file.relative_to(ROOT)) for file in own]
        folder = folder.parent
    return []


def killed(copy_: Path, mutant: Mutant, workers: int) -> str:
    """What noticed the mutant: the name of the first stage that failed, or the empty string."""
    file = copy_ / mutant.module
    before = file.read_text("utf-8")
    file.write_text(mutant.text, "utf-8")
    try:
        stages = ("own", importing(mutant.module)), ("near", nearest(mutant.module)), ("wide", list(WIDE))
        for stage, tests in stages:
            present = [test for test in tests if (copy_ / test).exists()]
            if not present:
                continue
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-x",
                *(["-n", str(workers)] if stage != "own" else []),
                "-p",
                "no:cacheprovider",
            ]
            environment = {"PYTHONPATH": str(copy_ / "conformance"), "PATH": "/usr/bin:/bin"}
            try:
                done = subprocess.run(
                    [*command, *present],
                    cwd=copy_,
                    env=environment,
                    capture_output=True,
                    timeout=_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return f"{stage}, by hanging"
            if done.returncode != 0:
                return stage
        return ""
    finally:
        file.write_text(before, "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="How many random mutants does the suite notice?")
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parts", default=PARTS)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    modules = [
        module.relative_to(ROOT)
        for part in chosen.parts.split(",")
        for module in sorted((ROOT / PACKAGE / part).rglob("*.py"))
    ]
    sources = {module: (ROOT / module).read_text("utf-8") for module in modules}
    every = [(module, place) for module, source in sources.items() for place in places_of(source)]
    sample = [
        mutant_at(module, sources[module], place)
        for module, place in random.Random(chosen.seed).sample(every, min(chosen.count, len(every)))
    ]
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder, "tree")
        ignored = shutil.ignore_patterns(".venv", ".git", ".walks", "*_cache", "__pycache__", ".hypothesis")
        shutil.copytree(ROOT, copied, ignore=ignored)
        for number, mutant in enumerate(sample, 1):
            stage = killed(copied, mutant, chosen.workers)
            survived += not stage
            print(
                f"{number:4} {stage or 'SURVIVED':8} {mutant.module}:{mutant.line} {mutant.change}",
                flush=True,
            )
    share = 100 * (len(sample) - survived) / len(sample)
    print(
        f"{len(sample) - survived} of {len(sample)} killed, {share:.0f} %, of {len(every)} possible mutants"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
