# SPDX-License-Identifier: Apache-2.0
"""What a campaign has come to so far, on disk: a database that no kill leaves half written.

It owns the tables, and that a unit is in them as a whole or not at all, each case once. It refuses to know
how units are carried out, and when a campaign is over. SQLite does the hard part.
"""

from __future__ import annotations

import functools
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...results.event_json import event_from_json, event_to_json
from ...results.events import (
    UNREACHED,
    CaseFinished,
    Event,
    Inconclusive,
    OperationFinished,
    OperationStarted,
    Reported,
    RunStarted,
    Tallied,
    tallied_as,
)
from ...results.joined import MOST_CASE_IDS, beyond_cases, counted, joined, with_reach
from .results import OperationShare, UnitResult

__all__ = ["CampaignProgress", "CampaignStore"]

_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS unit (number INTEGER PRIMARY KEY, deaths INTEGER, seconds REAL);
CREATE TABLE IF NOT EXISTS share (
    operation TEXT, unit INTEGER, event TEXT, PRIMARY KEY (operation, unit)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS finding (
    operation TEXT, id TEXT, unit INTEGER, place INTEGER, beyond INTEGER, seen REAL, cases TEXT, event TEXT,
    PRIMARY KEY (operation, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcome (
    operation TEXT, id TEXT, times INTEGER, unit INTEGER, place INTEGER, word TEXT, shows TEXT, event TEXT,
    PRIMARY KEY (operation, id, times)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS judged (
    operation TEXT, what TEXT, item TEXT, word INTEGER, PRIMARY KEY (operation, what, item)) WITHOUT ROWID;
"""
# How an item of what there is stands, the gravest last.
_WORDS = ("", "judged", "departing")
# What is tallied as verified if the operation was reached by any unit, and else as inconclusive.
_UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class CampaignProgress:
    """How far a campaign has come: units and cases that are through, and the share that was judged."""

    units: int
    cases: int
    deaths: int
    coverage: float | None


class CampaignStore:
    """The database of one campaign, in a folder of its own, held by one process at a time."""

    def __init__(self, folder: Path, head: RunStarted, count: int) -> None:
        """Open it, or begin it. Raises UsageError for one of another plan, or one that is in use."""
        path = folder / "campaign.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=0.0, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise UsageError(*_refusal(path, error)) from None
        try:
            about = self._begun(head, count)
            if about.get("version") != str(_VERSION):
                raise UsageError(f"{path} is of another release.", "Name another folder by --dir.")
            self.count = int(about["count"])
            begun = event_from_json(json.loads(about["head"]))
            assert isinstance(begun, RunStarted)
            self.head = begun
            _fits(path, begun, head)
        except sqlite3.Error as error:
            self.close()
            raise UsageError(*_refusal(path, error)) from None
        except BaseException:
            self.close()
            raise

    def _begun(self, head: RunStarted, count: int) -> dict[str, str]:
        """What the database says of itself, written now if it is new."""
        execute = self._database.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        execute("PRAGMA journal_mode = WAL")
        # Of a campaign that is killed all that was committed is there; a power cut may take the last.
        execute("PRAGMA synchronous = NORMAL")
        execute("BEGIN IMMEDIATE")
        # A statement at a time: a script would end the transaction.
        for statement in filter(str.strip, _TABLES.split(";")):
            execute(statement)
        about = dict(execute("SELECT name, value FROM about"))
        if not about:
            about = {"version": str(_VERSION), "head": json.dumps(event_to_json(head)), "count": str(count)}
            self._database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        execute("COMMIT")
        return about

    def close(self) -> None:
        self._database.close()

    def done(self) -> frozenset[int]:
        """The numbers of the units that are through."""
        return frozenset(number for (number,) in self._database.execute("SELECT number FROM unit"))

    def add(self, number: int, result: UnitResult, *, base: bool) -> None:
        """Write a unit down as a whole; one that is there already changes nothing.

        Of cases that are of the plan itself (`base`) everything is kept, of others their outcome alone, so
        that what is kept of a long campaign stays small.
        """
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            row = (number, result.deaths, result.seconds)
            if database.execute("INSERT OR IGNORE INTO unit VALUES (?, ?, ?)", row).rowcount:
                for share in result.shares:
                    self._add_share(number, share, base=base)
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise

    def _add_share(self, number: int, share: OperationShare, *, base: bool) -> None:
        finished, execute = share.finished, self._database.execute
        name = finished.operation
        shows = Counter(identifier for event in share.cases for identifier in event.shows)
        times: Counter[str] = Counter()
        for place, event in enumerate(share.cases):
            times[event.case.id] += 1
            word = _UNREACHED if event.outcome == Inconclusive(UNREACHED) else tallied_as(event.outcome)
            execute(
                # Of a case that several units have, the first unit's outcome stands, in whatever order.
                "INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " unit = excluded.unit, place = excluded.place, word = excluded.word,"
                " shows = excluded.shows, event = excluded.event"
                " WHERE excluded.unit < unit",
                (
                    name,
                    event.case.id,
                    times[event.case.id],
                    number,
                    place,
                    word,
                    " ".join(event.shows),
                    _text(event) if base else None,
                ),
            )
        beyond = beyond_cases(finished, shows)
        for place, finding in enumerate(finished.findings):
            identifier = finding.violation.id
            query = "SELECT cases FROM finding WHERE operation = ? AND id = ?"
            row = execute(query, (name, identifier)).fetchone()
            cases = json.loads(row[0]) if row else {}
            if finding.cases:
                cases[str(number)] = finding.cases
            execute(
                "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " beyond = max(beyond, excluded.beyond), cases = excluded.cases,"
                " place = CASE WHEN excluded.unit < unit THEN excluded.place ELSE place END,"
                " event = CASE WHEN excluded.unit < unit THEN excluded.event ELSE event END,"
                " unit = min(unit, excluded.unit)",
                (
                    name,
                    identifier,
                    number,
                    place,
                    beyond[identifier],
                    time.time(),
                    json.dumps(cases),
                    _text(finding),
                ),
            )
        for what, items in finished.judged.items():
            self._database.executemany(
                "INSERT INTO judged VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET word = max(word, excluded.word)",
                [(name, what, item, _WORDS.index(word)) for item, word in items.items()],
            )
        lean = replace(finished, findings=(), judged={}, coverage=())
        execute("INSERT INTO share VALUES (?, ?, ?)", (name, number, _text(lean)))

    def findings(self) -> Iterator[tuple[Reported, float]]:
        """Each finding of each operation, with the time at which it was first seen."""
        for text, seen in self._database.execute("SELECT event, seen FROM finding ORDER BY seen"):
            yield _reported(text), seen

    def progress(self) -> CampaignProgress:
        """How far the campaign has come."""
        units, deaths = self._row("SELECT count(*), coalesce(sum(deaths), 0) FROM unit")
        (cases,) = self._row("SELECT count(*) FROM outcome")
        there, judged = self._row("SELECT count(*), coalesce(sum(word > 0), 0) FROM judged")
        return CampaignProgress(units, cases, deaths, judged / there if there else None)

    def _row(self, query: str, *values: object) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._database.execute(query, values).fetchone()
        return row

    def seconds(self) -> float:
        """What the units took together."""
        (seconds,) = self._row("SELECT coalesce(sum(seconds), 0) FROM unit")
        return float(seconds)

    def operations(self) -> Iterator[str]:
        """The operations of which something is there."""
        present = {name for (name,) in self._database.execute("SELECT DISTINCT operation FROM share")}
        yield from (name for name in self.head.operations if name in present)

    def events_of(self, name: str, *, complete: bool) -> Iterator[Event]:
        """The events of an operation as one run would have told them; `complete` if no unit of it is missing.

        Cases of rounds are in the numbers alone.
        """
        finished = self._joined(name)
        tally: Counter[Tallied] = Counter()
        counts: Counter[str] = Counter()
        query = "SELECT word, shows FROM outcome WHERE operation = ?"
        for word, shows in self._database.execute(query, (name,)):
            tally[_tallied(word, reached=finished.reached)] += 1
            counts.update(shows.split())
        for identifier, beyond in self._database.execute(
            "SELECT id, beyond FROM finding WHERE operation = ?", (name,)
        ):
            counts[identifier] += beyond
        hindsight = []
        yield OperationStarted(name, tally.total())
        query = "SELECT event FROM outcome WHERE operation = ? AND event IS NOT NULL ORDER BY unit, place"
        for (text,) in self._database.execute(query, (name,)):
            event = event_from_json(json.loads(text))
            assert isinstance(event, CaseFinished)
            known = with_reach(event, reached=finished.reached)
            if known != event:
                hindsight.append(event.case)
            yield known
        yield counted(finished, tally, counts, hindsight, complete=complete)

    def _joined(self, name: str) -> OperationFinished:
        """What the units say of an operation together, but for its numbers."""
        query = "SELECT event FROM share WHERE operation = ? ORDER BY unit"
        rows = self._database.execute(query, (name,))
        finished = functools.reduce(joined, (_finished(text) for (text,) in rows))
        findings = self._database.execute(
            "SELECT event, cases FROM finding WHERE operation = ? ORDER BY unit, place", (name,)
        )
        judged: dict[str, dict[str, str]] = {}
        for what, item, word in self._database.execute(
            "SELECT what, item, word FROM judged WHERE operation = ? ORDER BY what, item", (name,)
        ):
            judged.setdefault(what, {})[item] = _WORDS[word]
        reported = tuple(replace(_reported(text), cases=_first_cases(cases)) for text, cases in findings)
        keys = {finding.violation.key for finding in reported}
        unrepeated = tuple(item for item in finished.unrepeated if item.violation.key not in keys)
        return replace(finished, findings=reported, judged=judged, unrepeated=unrepeated)


def _tallied(word: str, *, reached: bool) -> Tallied:
    if word == _UNREACHED:
        return "verified" if reached else "inconclusive"
    return word  # type: ignore[return-value]  # as `add` has written it


def _first_cases(cases: str) -> tuple[str, ...]:
    """The first cases that showed a finding, of those that its units have named."""
    by_unit = sorted(json.loads(cases).items(), key=lambda pair: int(pair[0]))
    return tuple(dict.fromkeys(identifier for _, ids in by_unit for identifier in ids))[:MOST_CASE_IDS]


def _text(event: Event) -> str:
    return json.dumps(event_to_json(event), separators=(",", ":"))


def _finished(text: str) -> OperationFinished:
    event = event_from_json(json.loads(text))
    assert isinstance(event, OperationFinished)
    return event


def _reported(text: str) -> Reported:
    event = event_from_json(json.loads(text))
    assert isinstance(event, Reported)
    return event


def _refusal(path: Path, error: Exception) -> tuple[str, str]:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return f"{path} is in use by another campaign.", "Wait for it, or name another folder by --dir."
    return f"{path} can't be used: {error}.", "Name another folder by --dir."


def _fits(path: Path, begun: RunStarted, head: RunStarted) -> None:
    """Raises UsageError if a campaign was begun with another plan than it is to go on with."""
    same: Mapping[str, tuple[Any, Any]] = {
        "target": (begun.target, head.target),
        "seed": (begun.seed, head.seed),
        "phases": (list(begun.phases), list(head.phases)),
        "selection of operations": (list(begun.operations), list(head.operations)),
        "versions": (dict(begun.versions), dict(head.versions)),
        **{name: (begun.settings.get(name), value) for name, value in head.settings.items()},
    }
    for what, (before, now) in same.items():
        if before != now:
            raise UsageError(
                f"{path} is of a campaign with another {what}.",
                "Go on with the options that it was begun with, or name another folder by --dir.",
            )
