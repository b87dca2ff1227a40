# SPDX-License-Identifier: Apache-2.0
"""One operation of which several runs had a share: each case once, whoever ran it, and what follows.

It owns what an operation amounts to whose parts were run apart, or twice. It refuses to know where the shares
come from, and of other operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from .coverage import NAMED, subject_of
from .events import (
    UNREACHED,
    CaseFinished,
    CaseInfo,
    Covered,
    Inconclusive,
    OperationFinished,
    Reported,
    Tallied,
    Verified,
)

__all__ = ["MOST_CASE_IDS", "beyond_cases", "counted", "joined", "with_reach"]

# So many enumerated cases of a finding are named, as in a run.
MOST_CASE_IDS = 3
# Of an item that several runs judged, the gravest word stands.
_WORDS = ("", "judged", "departing")


def with_reach(event: CaseFinished, *, reached: bool) -> CaseFinished:
    """The case as it comes out if its operation is reached, which its own run may not have seen."""
    if reached and event.outcome == Inconclusive(UNREACHED):
        return replace(event, outcome=Verified())
    return event


def beyond_cases(finished: OperationFinished, shows: Mapping[str, int]) -> dict[str, int]:
    """By finding, how often it occurred beside what the cases of its run show (`shows`, by finding)."""
    counts = {finding.violation.id: finding.count for finding in finished.findings}
    return {identifier: max(0, count - shows.get(identifier, 0)) for identifier, count in counts.items()}


def joined(first: OperationFinished, second: OperationFinished) -> OperationFinished:
    """What two shares of an operation say together, but for the numbers of cases (see `counted`).

    Where both have something of the same name the first one's stands. A share joined with itself is itself.
    """
    if first == second:
        return first
    implemented = first.implemented or second.implemented
    findings = _findings(first, second)
    reported = {finding.violation.key for finding in findings}
    unrepeated = {item.violation.key: item for item in first.unrepeated}
    for item in second.unrepeated:
        unrepeated.setdefault(item.violation.key, item)
    histories = {lived.case.id: lived for lived in first.histories}
    for lived in second.histories:
        histories.setdefault(lived.case.id, lived)
    # Each share has some of every lifecycle, and they are told by lifecycles.
    lifecycles = list(dict.fromkeys(lived.case.lifecycle for lived in histories.values()))
    return replace(
        first,
        implemented=implemented,
        evidence="" if implemented else first.evidence or second.evidence,
        reached=first.reached or second.reached,
        succeeded=first.succeeded or second.succeeded,
        excused=first.excused or second.excused,
        errors=_errors(first, second),
        unreached="" if first.reached or second.reached else first.unreached or second.unreached,
        findings=findings,
        histories=tuple(sorted(histories.values(), key=lambda lived: lifecycles.index(lived.case.lifecycle))),
        deaths=tuple(dict.fromkeys((*first.deaths, *second.deaths))),
        unrepeated=tuple(item for key, item in unrepeated.items() if key not in reported),
        coverage=_larger(first.coverage, second.coverage),
        left_out=max(first.left_out, second.left_out),
        places_left_out=max(first.places_left_out, second.places_left_out),
        chain=first.chain or second.chain,
        judged=_judged(first.judged, second.judged),
    )


def counted(
    finished: OperationFinished,
    tally: Mapping[Tallied, int],
    counts: Mapping[str, int],
    hindsight: Iterable[CaseInfo] = (),
    *,
    complete: bool,
) -> OperationFinished:
    """The operation with its numbers: cases by outcome, and by finding how often it occurred.

    `hindsight` are cases that are verified because another share reached the operation; `complete` says that
    nothing of the operation is missing any more.
    """
    judged = {what: dict(items) for what, items in finished.judged.items()}
    for info in hindsight:
        what, item = subject_of(info) or ("", "")
        if judged.get(what, {}).get(item) == "":
            judged[what][item] = "judged"
    return replace(
        finished,
        cases=sum(tally.values()),
        verified=tally.get("verified", 0),
        violated=tally.get("violated", 0),
        inconclusive=tally.get("inconclusive", 0),
        not_implemented=tally.get("not_implemented", 0),
        errored=tally.get("errored", 0),
        flaky=tally.get("flaky", 0),
        findings=tuple(
            replace(finding, count=max(1, counts.get(finding.violation.id, 0)))
            for finding in finished.findings
        ),
        coverage=_figures(judged) if judged else finished.coverage,
        judged={} if complete else judged,
    )


def _findings(first: OperationFinished, second: OperationFinished) -> tuple[Reported, ...]:
    by_key = {finding.violation.key: finding for finding in first.findings}
    for finding in second.findings:
        known = by_key.setdefault(finding.violation.key, finding)
        cases = tuple(dict.fromkeys((*known.cases, *finding.cases)))[:MOST_CASE_IDS]
        by_key[finding.violation.key] = replace(
            known, cases=cases, baseline=known.baseline or finding.baseline
        )
    return tuple(by_key.values())


def _errors(
    first: OperationFinished, second: OperationFinished
) -> dict[str, Literal["request", "fault injection"]]:
    """How each error was provoked: by a request, if anybody did it so."""
    errors = {**first.errors, **second.errors}
    for share in (first, second):
        errors.update({code: how for code, how in share.errors.items() if how == "request"})
    return dict(sorted(errors.items()))


def _judged(
    first: Mapping[str, Mapping[str, str]], second: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """What was judged item by item; nothing where a share has no items, because it had all cases."""
    if not first or not second:
        return {}
    kinds = {what: dict(items) for what, items in first.items()}
    for what, items in second.items():
        known = kinds.setdefault(what, {})
        for item, word in items.items():
            known[item] = max(known.get(item, ""), word, key=_WORDS.index)
    return kinds


def _larger(first: tuple[Covered, ...], second: tuple[Covered, ...]) -> tuple[Covered, ...]:
    """Of each kind the figures of whoever judged more: by numbers alone nobody knows what both judged."""
    kinds = {item.what: item for item in first}
    for item in second:
        known = kinds.setdefault(item.what, item)
        if item.judged > known.judged:
            kinds[item.what] = item
    return tuple(kinds.values())


def _figures(kinds: Mapping[str, Mapping[str, str]]) -> tuple[Covered, ...]:
    return tuple(
        Covered(
            what,
            len(items),
            sum(word != "" for word in items.values()),
            sum(word == "departing" for word in items.values()),
            # An operation's event tells its histories itself, with why they were not judged.
            ()
            if what == "histories"
            else tuple(sorted(item for item, word in items.items() if not word)[:NAMED]),
        )
        for what, items in kinds.items()
    )
