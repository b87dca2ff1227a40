# SPDX-License-Identifier: Apache-2.0
"""Compares every generated reference page with the model that it was generated from.

It owns the proof that spec/cli_pages/ reads pages rightly: for each page, the shapes that it yields and
those of awscli's own vendored model must be the same in every member name, type, list, map, union and
recursion, and in requiredness and enum values where the page carries them. It refuses to excuse anything
that the ledger (fixtures/page-exceptions.yaml) does not explain, and a ledger entry that excuses nothing
fails.

    python tools/compare_pages.py AWSCLI_PYTHON FOLDER [--processes N] [--list]

FOLDER is what make_pages.py wrote. The models are awscli's own, because another botocore differs from
them; option names are checked against what awscli itself says that each option fills.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from make_pages import read_index, vendored_models

from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.cli_pages import Page, PageError, join, read_page
from aws_conformance.spec.diff import ModelSource, differences
from aws_conformance.spec.shapes import Service, StringShape

__all__ = ["Entry", "Ledger", "Report", "compare", "read_ledger"]

LEDGER = Path(__file__).resolve().parent.parent / "fixtures" / "page-exceptions.yaml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: `service:Operation | side | kind | path`, each part a glob."""

    cause: str
    pattern: tuple[str, str, str, str]

    def excuses(self, finding: Finding) -> bool:
        facts = finding.operation, finding.side, finding.kind, finding.path
        return all(
            fnmatch.fnmatchcase(fact, part.replace("[]", "[[]]"))
            for fact, part in zip(facts, self.pattern, strict=True)
        )

    @property
    def service(self) -> str:
        return self.pattern[0].partition(":")[0]


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement: the operation as `service:Operation`, the side, the kind and the path of it."""

    page: str
    operation: str
    side: str
    kind: str
    path: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.operation} | {self.side} | {self.kind} | {self.path}  ({self.page}; {self.detail})"


@dataclass(slots=True)
class Report:
    """What a comparison found; counters add up over processes."""

    pages: int = 0
    agreeing: int = 0
    custom: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)

    def add(self, other: Report) -> None:
        self.pages += other.pages
        self.agreeing += other.agreeing
        self.custom += other.custom
        self.seconds += other.seconds
        self.findings += other.findings
        self.names += other.names
        self.operations |= other.operations


Ledger = tuple[Entry, ...]


def read_ledger(path: Path = LEDGER) -> Ledger:
    """The ledger's entries. Raises ValueError at an entry without a reason or with other than four parts."""
    entries: list[Entry] = []
    for cause in yaml.safe_load(path.read_text("utf-8"))["causes"]:
        if not cause.get("reason"):
            raise ValueError(f"{path}: the cause {cause['cause']!r} has no reason.")
        for line in cause["exceptions"]:
            parts = tuple(part.strip() for part in line.split(" | "))
            if len(parts) != 4:
                raise ValueError(f"{path}: {line!r} is not `service:Operation | side | kind | path`.")
            entries.append(Entry(cause["cause"], (parts[0], parts[1], parts[2], parts[3])))
    return tuple(entries)


def compare(folder: Path, models: Path, *, processes: int = 1) -> Report:
    """All pages of a folder against the models that they come from."""
    by_service: dict[str, list[dict[str, Any]]] = {}
    for row in read_index(folder):
        by_service.setdefault(row["path"].partition("/")[0], []).append(row)
    report = Report()
    # The largest pages first: they alone would otherwise keep one process busy at the end.
    batches = sorted(by_service.values(), key=lambda rows: -_size(folder, rows))
    if processes == 1:
        for rows in batches:
            report.add(_batch(folder, models, rows))
        return report
    with ProcessPoolExecutor(processes) as pool:
        for part in pool.map(_batch, [folder] * len(batches), [models] * len(batches), batches):
            report.add(part)
    return report


def _size(folder: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    return sum((folder / row["path"]).stat().st_size for row in rows)


def _batch(folder: Path, models: Path, rows: Sequence[Mapping[str, Any]]) -> Report:
    report = Report()
    for row in rows:
        text = (folder / row["path"]).read_text("utf-8")
        start = time.perf_counter()
        try:
            page = read_page(text, row["path"], None, ())
        except PageError as error:
            operation = f"{row.get('service', 'custom')}:{row.get('operation', row['path'])}"
            report.findings.append(Finding(row["path"], operation, "page", "not read", "", str(error)))
            continue
        finally:
            report.seconds += time.perf_counter() - start
        if row.get("custom"):
            report.custom += 1
            continue
        report.pages += 1
        report.operations.add(f"{row['service']}:{row['operation']}")
        findings = list(_findings(page, row, models, report.names))
        report.agreeing += not findings
        report.findings += findings
    return report


def _findings(page: Page, row: Mapping[str, Any], models: Path, names: Counter[str]) -> Iterator[Finding]:
    operation = f"{row['service']}:{row['operation']}"
    if (page.operation, page.uid) != (row["operation"], row["uid"]):
        yield Finding(row["path"], operation, "page", "operation", "", f"{page.uid} {page.operation}")
        return
    model = load_service(row["service"], models)
    for option in page.options:
        fills = _fills(row, option.name)
        if fills is not None and option.member is not None:
            surely = "made up" if option.guessed else "shown by the page"
            names[f"{surely}, {'right' if option.member == fills else 'wrong'}"] += 1
    joined = join(page, model, folder=models)
    for option in joined.options:
        fills = _fills(row, option.name)
        if fills is not None and option.member != fills:
            yield Finding(
                row["path"], operation, "input", "option", option.name, f"{option.member}, not {fills}"
            )
    source = ModelSource(_without_prose(joined), joined.carries | {"input.members"})
    for difference in differences(source, model, [row["operation"]]):
        yield Finding(
            row["path"],
            operation,
            difference.side or "",
            difference.kind,
            difference.path,
            f"page {difference.old}, model {difference.new}",
        )


def _fills(row: Mapping[str, Any], option: str) -> str | None:
    """The member that awscli says an option fills; its paging options name none of the operation's."""
    kind, member = row["options"].get(option, (None, None))
    return None if kind == "PageArgument" else member


def _without_prose(page: Page) -> Service:
    """The page's service without enum values that stand in prose: those are the writers', not the model's."""
    shapes = dict(page.service.shapes)
    for name in page.tentative:
        shape = shapes.get(name)
        if isinstance(shape, StringShape):
            shapes[name] = replace(shape, enum=())
    return replace(page.service, shapes=MappingProxyType(shapes))


def judge(report: Report, ledger: Ledger) -> tuple[list[Finding], list[Entry], Counter[str]]:
    """What the ledger does not excuse, which of its entries excuse nothing, and how many each cause excuses.

    An entry is stale only if its operations were compared at all.
    """
    unexplained: list[Finding] = []
    causes: Counter[str] = Counter()
    used: set[Entry] = set()
    for finding in report.findings:
        excuses = [entry for entry in ledger if entry.excuses(finding)]
        if not excuses:
            unexplained.append(finding)
            continue
        causes[excuses[0].cause] += 1
        used.update(excuses)
    services = {operation.partition(":")[0] for operation in report.operations}
    stale = [entry for entry in ledger if entry not in used and entry.service in services]
    return unexplained, stale, causes


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare generated reference pages with awscli's models.")
    parser.add_argument("python", help="the python of the environment that made the pages")
    parser.add_argument("folder", type=Path, help="what make_pages.py wrote")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--ledger", type=Path, default=LEDGER)
    parser.add_argument("--list", action="store_true", help="list excused findings too")
    options = parser.parse_args(arguments)
    report = compare(options.folder, vendored_models(options.python), processes=options.processes)
    unexplained, stale, causes = judge(report, read_ledger(options.ledger))
    if options.list:
        for finding in report.findings:
            print(finding)
    for finding in unexplained:
        print(f"unexplained: {finding}")
    for entry in stale:
        print(f"no longer applies: {' | '.join(entry.pattern)} ({entry.cause})")
    total = report.pages + report.custom
    print(
        f"{total} pages read ({report.custom} of commands without a model), {report.seconds:.1f} s of reading"
    )
    print(f"{report.agreeing} of {report.pages} agree in everything")
    for cause, count in sorted(causes.items()):
        print(f"  excused, {cause}: {count}")
    for how, count in sorted(report.names.items()):
        print(f"  names of options' members without a model, {how}: {count}")
    print(f"{len(unexplained)} unexplained, {len(stale)} stale entries of the ledger")
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main())
