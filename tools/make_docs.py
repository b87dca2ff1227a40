# SPDX-License-Identifier: Apache-2.0
"""Writes the pages of docs/ that are made of code and data, or says which of them are stale.

It owns what those pages hold and how it is laid out as Markdown: the catalogue of checks, the lives of
resources, presets, the configuration, and a page for each recorded target. It refuses to know how the site is
built (zensical.toml, `make docs`).

    python tools/make_docs.py            write them
    python tools/make_docs.py --check    change nothing; exit 1 if a page is stale, missing or superfluous
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_conformance.cases.lifecycles.model import Lifecycle
from aws_conformance.cases.lifecycles.registry import lifecycles_of
from aws_conformance.checks import ALL_CHECKS
from aws_conformance.frontends.config import config_schema
from aws_conformance.results.reports.ndjson import read_log
from aws_conformance.results.reports.recorded import RecordedRun, recorded
from aws_conformance.targets.presets import presets

__all__ = ["main", "pages"]

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
MATRIX = ROOT / "fixtures" / "matrix"
_FOLDERS = ("reference", "targets")
_HEAD = "<!-- written by tools/make_docs.py -->\n"
_OF_CHECKS = (
    "{count} rules. `aws-conformance explain CHECK-ID` tells more of each. A severity can be set in the "
    "[configuration](configuration.md); how a verdict comes about is in [its own page](../verdicts.md)."
)
_OF_CONFIGURATION = (
    "`[tool.aws-conformance]` in pyproject.toml, or `aws-conformance.toml`; the command line and pytest read "
    "the same keys, and an option overrides its key. The schema is `schemas/config.json`."
)
_OF_LIVES = (
    "What leads where, what is refused, and who says so. [Lifecycles](../lifecycles.md) tells how to read "
    "and write such a file."
)
_OF_PRESETS = (
    "Emulators that `--target NAME[==VERSION]` starts. `aws-conformance targets` tells which are installed, "
    "`aws-conformance targets doctor NAME` what one needs. A project's own stand in its "
    "[configuration](configuration.md)."
)
_CAUSES = 40
_LONGEST = 160


def pages() -> dict[str, str]:
    """The pages by their paths below docs/."""
    texts = {
        "reference/checks.md": _checks(),
        "reference/configuration.md": _configuration(),
        "reference/lives.md": _lives(),
        "reference/presets.md": _presets(),
    }
    for file in sorted(MATRIX.glob("*.ndjson.gz")):
        texts[f"targets/{file.name.partition('.')[0]}.md"] = _target(file)
    return {path: _HEAD + text for path, text in texts.items()}


def _checks() -> str:
    groups: dict[str, list[str]] = {}
    for name in sorted(ALL_CHECKS):
        groups.setdefault(name.partition(".")[0], []).append(name)
    lines = [
        "# Catalogue of checks",
        "",
        _OF_CHECKS.format(count=len(ALL_CHECKS)),
    ]
    for group, names in groups.items():
        lines += ["", f"## {group}", "", "| check | severity | requires | who says so |", "|---|---|---|---|"]
        for name in names:
            check = ALL_CHECKS[name]
            source = f"{check.provenance}: {check.citation}"
            lines.append(f"| `{name}` | {check.severity} | {_cell(check.requirement)} | {_cell(source)} |")
    return "\n".join(lines) + "\n"


def _configuration() -> str:
    schema = config_schema()
    lines = [
        "# Configuration",
        "",
        _OF_CONFIGURATION,
        "",
        "| key | values | says |",
        "|---|---|---|",
    ]
    for name, key in schema["properties"].items():
        lines.append(f"| `{name}` | {_cell(_values(key))} | {_cell(key.get('description', ''))} |")
    return "\n".join(lines) + "\n"


def _values(key: Mapping[str, Any]) -> str:
    if "enum" in key:
        return ", ".join(f"`{value}`" for value in key["enum"])
    if "items" in key:
        return f"a list of {_values(key['items'])}"
    kind = key.get("type", "")
    names = kind if isinstance(kind, list) else [kind] if kind else ["see the schema"]
    bounds = [f"{word} {key[name]}" for name, word in (("minimum", "from"), ("maximum", "to")) if name in key]
    return " ".join((" or ".join(_KINDS.get(name, name) for name in names), *bounds))


_KINDS = {"string": "text", "integer": "a whole number", "boolean": "true or false", "object": "a table"}


def _presets() -> str:
    lines = [
        "# Presets",
        "",
        _OF_PRESETS,
        "",
        "| name | offers | installed by | is known to lack an operation by |",
        "|---|---|---|---|",
    ]
    for name, preset in sorted(presets().items()):
        offers = ", ".join(preset.services).replace("many", "many services")
        texts = ", ".join(f"`{text}`" for text in preset.not_implemented)
        registry = _REGISTRIES.get(preset.registry, preset.registry)
        lines.append(f"| `{name}` | {_cell(offers)} | {registry} | {_cell(texts)} |")
    return "\n".join(lines) + "\n"


_REGISTRIES = {"none": "its user guide"}


def _lives() -> str:
    lines = [
        "# Lives that ship with the kit",
        "",
        _OF_LIVES,
    ]
    for life in lifecycles_of("cognito-idp"):
        lines += ["", f"## {life.title.removeprefix('a ').capitalize()}", *_life(life)]
    return "\n".join(lines) + "\n"


def _life(life: Lifecycle) -> Iterator[str]:
    yield ""
    yield f"`{life.name}` of {life.service}. States: {', '.join(life.states)}."
    yield ""
    yield "| from | by | to | who says so |"
    yield "|---|---|---|---|"
    for line in life.transitions:
        by = line.by or ("by itself" if line.after is None else "by itself, after hours")
        yield f"| {line.origin} | {by} | {' or '.join(line.to)} | {_cell(line.source.text)} |"
    yield ""
    yield "| refused | in | code | who says so |"
    yield "|---|---|---|---|"
    for rule in life.refusals:
        what = f"{rule.of} ({rule.title})" if rule.title else rule.of
        yield f"| {what} | {', '.join(rule.states)} | {rule.code or 'any'} | {_cell(rule.source.text)} |"


def _target(file: Path) -> str:
    name = file.name.partition(".")[0]
    return "\n".join(_target_lines(name, recorded(read_log(file).events))) + "\n"


def _target_lines(name: str, run: RecordedRun) -> Iterator[str]:
    summary, figures, started = run.summary, run.coverage, run.summary.started
    totals = summary.totals
    yield f"# {name}"
    yield ""
    when = started.started[:10] if started else "an unknown day"
    services = ", ".join(sorted({item.operation.partition(":")[0] for item in summary.operations}))
    yield (
        f"{services} on {run.target}, recorded on {when} (`fixtures/matrix`, `make matrix`): "
        f"{totals['reached']} of {totals['implemented']} implemented operations reached, "
        f"coverage {_percent(figures.coverage)}, divergence {_percent(figures.divergence)}, "
        f"{len(summary.causes)} causes."
    )
    yield ""
    if not summary.causes:
        yield "Nothing differs from what AWS documents."
        return
    yield "What a maintainer mends, that which hurts most first:"
    yield ""
    yield "| | cause | kind | severity | places | example | id |"
    yield "|---|---|---|---|---|---|---|"
    for number, cause in enumerate(summary.causes[:_CAUSES], 1):
        example = cause.representative.violation
        yield (
            f"| {number} | {_cell(cause.title)} | {cause.kind} | {cause.severity} | {cause.places} | "
            f"{_code(f'{example.operation} {example.message}')} | `{cause.id}` |"
        )
    if len(summary.causes) > _CAUSES:
        yield ""
        yield f"and {len(summary.causes) - _CAUSES} more."
    lacking = [item.operation for item in summary.operations if item.implemented and not item.reached]
    if lacking:
        yield ""
        yield f"Not reached: {', '.join(f'`{operation}`' for operation in lacking)}."


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


def _cell(text: str) -> str:
    """The text as a cell of a table, where nothing in it is markup but code."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;").replace("\n", " ")
    return (
        escaped.replace("[", "&#91;").replace("*", "&#42;").replace("_", "&#95;")
        if "`" not in text
        else escaped
    )


def _code(text: str) -> str:
    """A target's own text as code, which nothing in it can end."""
    shown = " ".join(text.split())
    shown = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("`", "&#96;")):
        shown = shown.replace(sign, entity)
    for sign in "*_[]\\":
        shown = shown.replace(sign, f"&#{ord(sign)};")
    return f"<code>{shown}</code>"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the pages of docs/ that are made of code.")
    parser.add_argument("--check", action="store_true", help="change nothing, tell what is stale")
    options = parser.parse_args(arguments)
    written = pages()
    there = {
        str(file.relative_to(DOCS)): file.read_text("utf-8")
        for folder in _FOLDERS
        for file in sorted((DOCS / folder).glob("*.md"))
    }
    stale = sorted({*written, *there} - {path for path in written if written[path] == there.get(path)})
    if options.check:
        for path in stale:
            print(f"stale: docs/{path}")
        return int(bool(stale))
    for path in stale:
        file = DOCS / path
        if path in written:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(written[path], "utf-8")
        else:
            file.unlink()
    print(f"{len(written)} pages, {len(stale)} of them written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
