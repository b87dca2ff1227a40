# SPDX-License-Identifier: Apache-2.0
"""A corpus: the cases that were worth something, kept for the next run, which sends them first.

It owns what makes a case worth keeping, as a function of a run's events, and how few will do. It refuses to
know where a corpus is kept (corpus_files.py), and how a case is sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ..errors import UsageError
from .causes import causes
from .event_json import case_from_json
from .events import CaseFinished, CaseInfo, CaseSource, Event, Reported, Reproduction, Verified, Violated

__all__ = [
    "CorpusCase",
    "corpus_case_from_json",
    "corpus_case_to_json",
    "corpus_of",
    "listing",
    "minimised",
    "united",
]

_VERSION = 1


@dataclass(frozen=True, slots=True)
class CorpusCase:
    """A case that is kept, and why: `shows` are causes, classes of answers and states, in words.

    A case without a `source` is one that every run of its plan has; it is known by its id.
    """

    case: CaseInfo
    shows: tuple[str, ...]
    template: Any = None
    source: CaseSource | None = None

    @property
    def reproduction(self) -> Reproduction:
        """The case in the form in which reports hold it, to be made again from."""
        # What is not written down is looked for by its id, whatever it should earn.
        source = self.source or CaseSource(redacted=True, expectation={"earns": "answered"})
        return Reproduction("", "", "", self.case, self.template, "", "", source=source)


def corpus_of(events: Iterable[Event]) -> tuple[CorpusCase, ...]:
    """So few cases of a run that together they show all it saw: causes, classes of answers, states.

    A cause is shown by its smallest case, and by every case that needs no chance and was counted for it.
    """
    findings: list[Reported] = []
    through: list[CaseFinished] = []
    for event in events:
        if isinstance(event, Reported):
            findings.append(event)
        elif isinstance(event, CaseFinished) and event.case.repeatable:
            through.append(event)
    candidates: dict[str, CorpusCase] = {}
    words: dict[str, str] = {}
    for cause in causes(findings):
        word = f"cause {cause.id}: {cause.title}"
        words.update(dict.fromkeys(cause.findings, word))
        witness = cause.representative.reproduction
        known = candidates.get(witness.case.id)
        shows = (*known.shows, word) if known is not None else (word,)
        candidates[witness.case.id] = CorpusCase(witness.case, shows, witness.template, witness.source)
    for event in through:
        known = candidates.get(event.case.id, CorpusCase(event.case, ()))
        seen = (words[finding] for finding in event.shows if finding in words)
        shows = tuple(dict.fromkeys((*known.shows, *seen, *_classes_of(event))))
        if shows:
            candidates[event.case.id] = replace(known, shows=shows)
    return minimised(candidates.values())


def united(corpus: Iterable[CorpusCase], more: Iterable[CorpusCase]) -> tuple[CorpusCase, ...]:
    """A corpus with those of other cases that show something which nothing in it shows."""
    by_id = {case.case.id: case for case in corpus}
    known = {_key(shown) for case in by_id.values() for shown in case.shows}
    for case in more:
        new = tuple(shown for shown in case.shows if _key(shown) not in known)
        if not new:
            continue
        known.update(map(_key, new))
        before = by_id.get(case.case.id, replace(case, shows=()))
        # What can be made again without a search is worth more than an id.
        fuller = before if before.source is not None else case
        by_id[case.case.id] = replace(fuller, shows=(*before.shows, *new))
    return tuple(by_id.values())


def minimised(corpus: Iterable[CorpusCase]) -> tuple[CorpusCase, ...]:
    """So few of the cases that together they still show everything: those first that show the most."""
    left = sorted(corpus, key=lambda case: (case.source is None, case.case.id))
    missing = {_key(shown) for case in left for shown in case.shows}
    chosen: list[CorpusCase] = []
    while missing:
        best = max(left, key=lambda case: len(missing.intersection(map(_key, case.shows))))
        left.remove(best)
        chosen.append(best)
        missing.difference_update(map(_key, best.shows))
    return tuple(chosen)


def corpus_case_to_json(case: CorpusCase) -> dict[str, Any]:
    """The case as JSON values, as it stands in its file."""
    raw: dict[str, Any] = {
        "version": _VERSION,
        "shows": list(case.shows),
        "case": {item.name: getattr(case.case, item.name) for item in fields(CaseInfo)},
    }
    if case.source is not None:
        raw["template"] = case.template
        raw["source"] = {item.name: getattr(case.source, item.name) for item in fields(CaseSource)}
    return raw


def corpus_case_from_json(raw: Any) -> CorpusCase:
    """The case that a file holds. Raises UsageError for anything else."""
    if not isinstance(raw, Mapping) or raw.get("version") != _VERSION:
        raise UsageError("This is no case of a corpus that this release can read.")
    try:
        source = raw.get("source")
        case = case_from_json(raw["case"])
        shows = tuple(map(str, raw["shows"]))
        made_from = CaseSource(**{**source, "choices": tuple(source["choices"])}) if source else None
    except (KeyError, TypeError) as error:
        raise UsageError(f"This is no case of a corpus ({type(error).__name__}: {error}).") from None
    service, colon, operation = case.operation.partition(":")
    if not (service and colon and operation and case.id.isalnum()):
        raise UsageError("This is no case of a corpus: its operation or its id is none.")
    return CorpusCase(case, shows, raw.get("template"), made_from)


def _classes_of(event: CaseFinished) -> tuple[str, ...]:
    """What a case that needs no chance stands for beside causes: a class of answers, or a state."""
    if not isinstance(event.outcome, Verified | Violated):
        return ()
    if event.case.lifecycle and event.case.state:
        return (f"state {event.case.lifecycle}: {event.case.state}",)
    if event.case.phase != "enumerated" or not event.answered:
        return ()
    service = event.case.operation.partition(":")[0]
    return (f"answer of {service}: {event.answered} {event.code}".rstrip(),)


def _key(shown: str) -> str:
    """What is shown without its words: a cause keeps its id when its title is written better."""
    return shown.partition(":")[0] if shown.startswith("cause ") else shown


def listing(corpus: Iterable[CorpusCase]) -> Iterator[str]:
    """A line for each case: its id, its operation, what it is, and what it shows."""
    for case in corpus:
        info = case.case
        yield f"{info.id}  {info.operation}  {info.phase} {info.kind}: {info.title}"
        for shown in case.shows:
            yield f"    {shown}"
