# SPDX-License-Identifier: Apache-2.0
"""Each check of histories, held against moments: one that breaks it alone, and those that conform."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from aws_conformance.cases.lifecycles.model import Act, Citation, DocumentLine, Effect, Race
from aws_conformance.checks.history_subjects import (
    ConcurrentRun,
    HistoryMoment,
    HistorySubject,
    Observation,
    ObservedEffect,
    ObservedResource,
    WaitTimeout,
)
from aws_conformance.checks.judge import judge
from aws_conformance.checks.lifecycle import LIFECYCLE_CATALOGUE
from aws_conformance.results.events import Violation
from aws_conformance.spec.botocore import load_service

SERVICE = load_service("cognito-idp")
DESCRIBE = SERVICE.operations["DescribeUserImportJob"]
LIST = SERVICE.operations["ListUserImportJobs"]
GET = SERVICE.operations["AdminGetUser"]
START = SERVICE.operations["StartUserImportJob"]

SEEN = Citation("recordings: all", "OBSERVED")
SAID = Citation("guide: it says so", "DOC")

JOB: dict[str, Any] = {
    "JobId": "import-1",
    "Status": "Succeeded",
    "StartDate": 5,
    "ImportedUsers": 2,
    "SkippedUsers": 1,
    "FailedUsers": 0,
}


def _sighting(document: Any = None, shown_by: str = "describe", **changes: Any) -> Observation:
    members = {
        "operation": LIST if shown_by == "list" else DESCRIBE,
        "path": ("UserImportJobs", 3) if shown_by == "list" else ("UserImportJob",),
        "state": "Succeeded",
        "epoch": 4,
        **changes,
    }
    return Observation(shown_by=shown_by, document=JOB if document is None else document, **members)


def _seen(*lines: DocumentLine, of: Observation | None = None, **changes: Any) -> ObservedResource:
    sighting = of or _sighting()
    here = frozenset({sighting.state or "Created"})
    return ObservedResource(
        sighting, **{"before": here, "believed": here, "lines": lines, "rests": True, **changes}
    )


def _line(**changes: Any) -> DocumentLine:
    return DocumentLine(changes.pop("source", SEEN), **changes)


def _but(**changes: Any) -> dict[str, Any]:
    return {**JOB, **changes}


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in JOB.items() if key != name}


def _effect(**changes: Any) -> Effect:
    members = {"name": "users are there", "states": frozenset({"Succeeded"}), "when": (), "input": {}}
    return Effect(**{**members, "operation": "AdminGetUser", "source": SAID, **changes})


def _brought(document: Any, shows: dict[str, Any], **changes: Any) -> ObservedEffect:
    members = {"effect": _effect(), "operation": GET, "status": 200, "code": "", **changes}
    return ObservedEffect(document=document, shows=shows, **members)


USER: dict[str, Any] = {
    "UserStatus": "CONFIRMED",
    "UserAttributes": [{"Name": "email", "Value": "a@example.com"}, {"Name": "nickname", "Value": "Joe"}],
}
RACE = Race("twice at once", "Created", (), (Act("start", 16),), SAID)
NEXT = _sighting(_but(StartDate=6))


@dataclass(frozen=True, slots=True)
class Row:
    """A moment that breaks a check, and what is said of it; `got` and `expected` are literal."""

    name: str
    check: str
    moment: HistorySubject
    path: str
    expected: str
    got: str
    provenance: str
    cause: str


ROWS = [
    Row(
        "a step that is no step",
        "lifecycle.transition",
        _seen(
            before=frozenset({"Created"}), believed=frozenset({"Pending", "InProgress"}), marks=("Status",)
        ),
        "$.UserImportJob.Status",
        "InProgress or Pending, after Created",
        "Succeeded",
        "DOC",
        "Created → Succeeded",
    ),
    Row(
        "a state that changed though nothing was done",
        "lifecycle.transition",
        _seen(before=frozenset({"Stopped"}), believed=frozenset({"Stopped"}), marks=("Status", "Enabled")),
        "$.UserImportJob.Status",
        "Stopped",
        "Succeeded",
        "DOC",
        "Stopped → Succeeded",
    ),
    Row(
        "a resource that is gone all at once",
        "lifecycle.transition",
        _seen(
            of=replace(_sighting(), document=None, state="gone"),
            before=frozenset({"there"}),
            believed=frozenset({"there"}),
            marks=("Status",),
        ),
        "(answer)",
        "there",
        "gone",
        "DOC",
        "there → gone",
    ),
    Row(
        "a state that does not pass",
        "lifecycle.stuck",
        WaitTimeout(_sighting(state="Stopping"), 300.0, SAID),
        "$.UserImportJob",
        "Stopping to pass (guide: it says so)",
        "Stopping still, after 300 seconds",
        "DOC",
        "Stopping",
    ),
    Row(
        "a state that nobody knows does not pass",
        "lifecycle.stuck",
        WaitTimeout(_sighting(state=None), 12.5, None),
        "$.UserImportJob",
        "an unknown state to pass",
        "an unknown state still, after 12.5 seconds",
        "DOC",
        "an unknown state",
    ),
    Row(
        "a member that is missing",
        "lifecycle.member.absent",
        _seen(_line(has=("JobId", "CompletionDate"))),
        "$.UserImportJob.CompletionDate",
        "to be there in Succeeded (recordings: all)",
        "nothing",
        "OBSERVED",
        "in Succeeded",
    ),
    Row(
        "a member that is null",
        "lifecycle.member.absent",
        _seen(_line(has=("JobId",), source=SAID), of=_sighting(_but(JobId=None), "list")),
        "$.UserImportJobs[*].JobId",
        "to be there in Succeeded (guide: it says so)",
        "nothing",
        "DOC",
        "in Succeeded",
    ),
    Row(
        "a member too early",
        "lifecycle.member.unexpected",
        _seen(_line(lacks=("CompletionDate", "StartDate"))),
        "$.UserImportJob.StartDate",
        "no StartDate in Succeeded (recordings: all)",
        "5",
        "OBSERVED",
        "in Succeeded",
    ),
    Row(
        "another value than is on record",
        "lifecycle.member.value",
        _seen(
            _line(values={"CompletionMessage": "Completed."}), of=_sighting(_but(CompletionMessage="Done"))
        ),
        "$.UserImportJob.CompletionMessage",
        '"Completed." in Succeeded (recordings: all)',
        '"Done"',
        "OBSERVED",
        "in Succeeded",
    ),
    Row(
        "another value than the fact",
        "lifecycle.member.value",
        _seen(_line(values={"JobId": {"$fact": "id"}}, source=SAID), facts={"id": "import-2"}),
        "$.UserImportJob.JobId",
        '"import-2" in Succeeded (guide: it says so)',
        '"import-1"',
        "DOC",
        "in Succeeded",
    ),
    Row(
        "a counter that does not count",
        "lifecycle.counters",
        _seen(
            _line(counts={"FailedUsers": 0, "ImportedUsers": {"$fact": "imported"}}), facts={"imported": 3}
        ),
        "$.UserImportJob.ImportedUsers",
        "3 in Succeeded (recordings: all)",
        "2",
        "OBSERVED",
        "in Succeeded",
    ),
    Row(
        "counters that do not add up",
        "lifecycle.counters",
        _seen(
            _line(
                sums=("ImportedUsers", "SkippedUsers", "FailedUsers"),
                totals=({"$fact": "rows"}, 0),
                source=SAID,
            ),
            facts={"rows": 4},
        ),
        "$.UserImportJob",
        "ImportedUsers + SkippedUsers + FailedUsers to be 4 or 0 in Succeeded (guide: it says so)",
        "3",
        "DOC",
        "sum in Succeeded",
    ),
    Row(
        "more counted than there was",
        "lifecycle.counters",
        _seen(
            _line(sums=("ImportedUsers", "SkippedUsers"), totals=({"$fact": "rows"},), at_most=True),
            of=_sighting(None, "list"),
            facts={"rows": 2},
        ),
        "$.UserImportJobs[*]",
        "ImportedUsers + SkippedUsers to be at most 2 in Succeeded (recordings: all)",
        "3",
        "OBSERVED",
        "sum in Succeeded",
    ),
    Row(
        "what was said once and for all",
        "lifecycle.constant",
        _seen(
            _line(constant=("JobId", "StartDate")),
            earlier=(
                _sighting(_without("StartDate"), epoch=1),
                _sighting(_but(StartDate=7), "start", epoch=2),
                NEXT,
            ),
        ),
        "$.UserImportJob.StartDate",
        "7, as start showed (recordings: all)",
        "5",
        "OBSERVED",
        "changes",
    ),
    Row(
        "what was asked for",
        "lifecycle.given",
        _seen(_line(requested={"JobId": "JobName", "Status": "Absent"}), asked={"JobName": "job"}),
        "$.UserImportJob.JobId",
        '"job", as JobName was given (recordings: all)',
        '"import-1"',
        "OBSERVED",
        "given",
    ),
    Row(
        "what a list said once and for all",
        "lifecycle.constant",
        _seen(
            _line(constant=("StartDate",), source=SAID),
            of=_sighting(None, "list"),
            earlier=(_sighting(epoch=1), _sighting(_but(StartDate=6), "list", epoch=2)),
        ),
        "$.UserImportJobs[*].StartDate",
        "6, as list showed (guide: it says so)",
        "5",
        "DOC",
        "changes",
    ),
    Row(
        "two readers that disagree",
        "lifecycle.agreement",
        _seen(_line(same=("JobId", "StartDate"), source=SAID), of=_sighting(None, "list"), earlier=(NEXT,)),
        "$.UserImportJobs[*].StartDate",
        "6, as describe shows (guide: it says so)",
        "5",
        "DOC",
        "list",
    ),
    Row(
        "a reader that disagrees with several is held against the nearest",
        "lifecycle.agreement",
        _seen(
            _line(same=("StartDate",), source=SAID),
            of=_sighting(None, "list"),
            earlier=(NEXT, replace(NEXT, shown_by="start")),
        ),
        "$.UserImportJobs[*].StartDate",
        "6, as start shows (guide: it says so)",
        "5",
        "DOC",
        "list",
    ),
    Row(
        "a reader that leaves something out",
        "lifecycle.agreement",
        _seen(
            _line(same=("StartDate",), source=SAID),
            of=_sighting(_without("StartDate"), "list"),
            earlier=(NEXT,),
        ),
        "$.UserImportJobs[*].StartDate",
        "6, as describe shows (guide: it says so)",
        "nothing",
        "DOC",
        "list",
    ),
    Row(
        "a reader that does not show the resource",
        "lifecycle.agreement",
        _seen(of=replace(_sighting(None, "list"), document=None, path=()), earlier=(NEXT,)),
        "(answer)",
        "the resource, which describe shows in Succeeded",
        "none such",
        "DOC",
        "list",
    ),
    Row(
        "an effect that failed",
        "lifecycle.effect",
        _brought(None, {}, status=400, code="UserNotFoundException"),
        "(answer)",
        "success (guide: it says so)",
        "400 UserNotFoundException",
        "DOC",
        "users are there",
    ),
    Row(
        "an effect with another value",
        "lifecycle.effect",
        _brought(USER, {"UserStatus": "RESET_REQUIRED"}),
        "$.UserStatus",
        '"RESET_REQUIRED" (guide: it says so)',
        '"CONFIRMED"',
        "DOC",
        "users are there",
    ),
    Row(
        "an effect without its value",
        "lifecycle.effect",
        _brought(USER, {"UserMFASettingList": {"$any": "list"}}, effect=_effect(source=SEEN)),
        "$.UserMFASettingList",
        "a value (recordings: all)",
        "nothing",
        "OBSERVED",
        "users are there",
    ),
    Row(
        "an element of a list with another value, which is sensitive",
        "lifecycle.effect",
        _brought(USER, {"UserAttributes[Name=nickname].Value": "Jane"}),
        "$.UserAttributes[*].Value",
        '"Jane" (guide: it says so)',
        "(a sensitive value)",
        "DOC",
        "users are there",
    ),
    Row(
        "an effect that should have been refused",
        "lifecycle.effect",
        _brought(USER, {}, effect=_effect(refused="UserNotFoundException")),
        "(answer)",
        "UserNotFoundException (guide: it says so)",
        "200",
        "DOC",
        "users are there",
    ),
    Row(
        "an effect that was refused for another reason",
        "lifecycle.effect",
        _brought(None, {}, effect=_effect(refused="UserNotFoundException"), status=400, code="TooMany"),
        "(answer)",
        "UserNotFoundException (guide: it says so)",
        "400 TooMany",
        "DOC",
        "users are there",
    ),
    Row(
        "two winners",
        "lifecycle.concurrency",
        ConcurrentRun(
            RACE, START, {("start", False): 14, ("start", True): 2, ("end", False): 1}, "Pending", ()
        ),
        "(requests at once)",
        "answers that some order of the requests explains (guide: it says so)",
        "1 end refused, 2 start accepted, 14 start refused, and Pending afterwards, which no order explains",
        "DOC",
        "twice at once",
    ),
]


def _judged(moment: HistorySubject, severities: dict[str, str] | None = None) -> list[Violation]:
    return judge(HistoryMoment(SERVICE, moment), checks=LIFECYCLE_CATALOGUE.values(), severities=severities)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_moment_that_breaks_its_check_and_no_other(row: Row) -> None:
    rule = LIFECYCLE_CATALOGUE[row.check]
    assert _judged(row.moment) == [
        Violation(
            check=row.check,
            severity=rule.severity,
            provenance=row.provenance,  # type: ignore[arg-type]  # compared, not trusted
            operation=f"cognito-idp:{row.moment.operation.name}",
            path=row.path,
            requirement=rule.requirement,
            expected=row.expected,
            got=row.got,
            cause=row.cause,
        )
    ]


def test_every_check_has_a_row_and_its_place_in_the_catalogue() -> None:
    assert {row.check for row in ROWS} == set(LIFECYCLE_CATALOGUE)
    assert list(LIFECYCLE_CATALOGUE) == sorted(LIFECYCLE_CATALOGUE)
    assert {(name, rule.severity) for name, rule in LIFECYCLE_CATALOGUE.items()} == {
        ("lifecycle.agreement", "error"),
        ("lifecycle.concurrency", "error"),
        ("lifecycle.constant", "error"),
        ("lifecycle.counters", "error"),
        ("lifecycle.effect", "error"),
        ("lifecycle.given", "error"),
        ("lifecycle.member.absent", "error"),
        ("lifecycle.member.unexpected", "error"),
        ("lifecycle.member.value", "warning"),
        ("lifecycle.stuck", "error"),
        ("lifecycle.transition", "error"),
    }
    for name, rule in LIFECYCLE_CATALOGUE.items():
        assert rule.id == name
        assert rule.requirement.endswith(".")


_SUM = _line(sums=("ImportedUsers", "SkippedUsers", "FailedUsers"), totals=({"$fact": "rows"},))
_SAME = _line(same=("JobId", "StartDate", "CompletionDate"))

CONFORMING: dict[str, HistorySubject] = {
    "a step that is one": _seen(
        before=frozenset({"InProgress"}), believed=frozenset({"Failed", "Succeeded"})
    ),
    # What can't be recognised is the shape's matter.
    "no state that is known": _seen(
        of=_sighting(state=None), before=frozenset({"Created"}), believed=frozenset({"Created"})
    ),
    "members as they should be": _seen(_line(has=tuple(JOB), lacks=("CompletionDate",))),
    "a null where nothing should be": _seen(
        _line(lacks=("CompletionDate",)), of=_sighting(_but(CompletionDate=None))
    ),
    "zero is there": _seen(_line(has=("FailedUsers",))),
    "a value as on record": _seen(_line(values={"JobId": {"$fact": "id"}}), facts={"id": "import-1"}),
    # A member that is missing is another check's.
    "no value where one is on record": _seen(_line(values={"CompletionMessage": "x"})),
    "counters that count": _seen(
        _line(counts={"ImportedUsers": {"$fact": "imported"}, "SkippedUsers": 1}), facts={"imported": 2}
    ),
    "a counter of what nobody counted": _seen(_line(counts={"ImportedUsers": {"$fact": "imported"}})),
    "a counter that is missing": _seen(_line(counts={"Others": 4})),
    "counters that add up": _seen(_SUM, facts={"rows": 3}),
    "counters that add up to the second": _seen(replace(_SUM, totals=(9, 3))),
    "as many as there are at most": _seen(replace(_SUM, at_most=True), facts={"rows": 3}),
    "a sum of what nobody counted": _seen(_SUM),
    "a sum with a part missing": _seen(_SUM, of=_sighting(_without("FailedUsers")), facts={"rows": 9}),
    "a sum with a part that is no number": _seen(
        _SUM, of=_sighting(_but(FailedUsers="0")), facts={"rows": 9}
    ),
    "what is constant": _seen(_line(constant=("JobId", "StartDate")), earlier=(_sighting(),)),
    # That is `lifecycle.agreement`'s: one that is shown alone says nothing of one in a list.
    "what is constant among others of its kind": _seen(
        _line(constant=("StartDate",)),
        of=_sighting(None, "list"),
        earlier=(NEXT, replace(NEXT, epoch=1), _sighting(None, "list", epoch=2)),
    ),
    "what was not shown before": _seen(
        _line(constant=("StartDate",)), earlier=(_sighting(_without("StartDate")),)
    ),
    "what is constant in another state": _seen(
        _line(constant=("StartDate",), states=frozenset({"Succeeded"})),
        earlier=(replace(NEXT, state="InProgress"),),
    ),
    "what is not shown any more": _seen(
        _line(constant=("StartDate",)), of=_sighting(_without("StartDate")), earlier=(NEXT,)
    ),
    "readers that agree": _seen(_SAME, of=_sighting(None, "list"), earlier=(_sighting(),)),
    "something was done in between": _seen(
        _SAME, of=_sighting(None, "list"), earlier=(replace(NEXT, epoch=3),)
    ),
    "it does not rest": _seen(_SAME, of=_sighting(None, "list"), earlier=(NEXT,), rests=False),
    "as it was asked for": _seen(_line(requested={"JobId": "JobName"}), asked={"JobName": "import-1"}),
    "asked for, and shown before": _seen(
        _line(requested={"JobId": "JobName"}), asked={"JobName": "job"}, earlier=(NEXT,)
    ),
    "asked for, and recorded": _seen(
        _line(requested={"JobId": "JobName"}),
        of=_sighting(_but(JobId="xxxxxxxx")),
        asked={"JobName": "job"},
        masked=True,
    ),
    "the same reader": _seen(_SAME, earlier=(NEXT,)),
    "the nearest of several others": _seen(
        _SAME, of=_sighting(None, "list"), earlier=(NEXT, _sighting(), _sighting(None, "start"))
    ),
    # That is `lifecycle.constant`'s: one reader's answers alone show that it moved.
    "a member that moved within one reader's answers": _seen(
        _SAME, of=_sighting(_but(StartDate=8), "list"), earlier=(_sighting(_but(StartDate=7)), NEXT)
    ),
    "none shown by either": _seen(
        of=replace(_sighting(None, "list"), document=None), earlier=(replace(NEXT, document=None),)
    ),
    "an effect": _brought(USER, {"UserStatus": "CONFIRMED"}),
    "any value": _brought(USER, {"UserStatus": {"$any": "text"}}),
    "the element of that name": _brought(
        USER, {"UserAttributes[Name=nickname].Value": "Joe", "UserAttributes[Name=email].Value": {"$any": 1}}
    ),
    "an effect that is refused": _brought(
        None, {}, effect=_effect(refused="UserNotFoundException"), status=400, code="UserNotFoundException"
    ),
    "some order": ConcurrentRun(RACE, START, {("start", True): 1}, "Pending", ("start accepted",)),
}


@pytest.mark.parametrize("name", CONFORMING)
def test_a_moment_that_conforms(name: str) -> None:
    assert _judged(CONFORMING[name]) == []


@pytest.mark.parametrize(
    ("path", "document"),
    [
        # There is no such element, no such list, or no list at all.
        ("UserAttributes[Name=email].Value", {"UserAttributes": [{"Name": "nickname", "Value": "x"}]}),
        ("UserAttributes[Name=email].Value", {"UserAttributes": []}),
        ("UserAttributes[Name=email].Value", {}),
        ("UserAttributes[Name=email].Value", {"UserAttributes": "email"}),
        ("UserAttributes[Name=email].Value", {"UserAttributes": [None, "email", 3]}),
        ("UserAttributes[Name=email].Value", {"UserAttributes": [{"Name": "email"}]}),
    ],
)
def test_an_element_of_a_list_that_is_not_there(path: str, document: dict[str, Any]) -> None:
    (violation,) = _judged(_brought(document, {path: {"$any": "text"}}))
    assert (violation.path, violation.expected) == (
        "$.UserAttributes[*].Value",
        "a value (guide: it says so)",
    )
    assert violation.check == "lifecycle.effect"


def test_every_breach_of_a_moment_is_reported() -> None:
    moment = _seen(
        _line(has=("A", "B"), lacks=("StartDate",)), _line(counts={"ImportedUsers": 9, "SkippedUsers": 9})
    )
    assert [(violation.check, violation.path) for violation in _judged(moment)] == [
        ("lifecycle.counters", "$.UserImportJob.ImportedUsers"),
        ("lifecycle.counters", "$.UserImportJob.SkippedUsers"),
        ("lifecycle.member.absent", "$.UserImportJob.A"),
        ("lifecycle.member.absent", "$.UserImportJob.B"),
        ("lifecycle.member.unexpected", "$.UserImportJob.StartDate"),
    ]


def test_a_resource_that_is_not_shown_has_no_members_to_judge() -> None:
    line = _line(has=("JobId",), lacks=("X",), values={"A": 1}, counts={"B": 1}, constant=("JobId",))
    assert _judged(_seen(line, of=replace(_sighting(), document=None), earlier=(NEXT,))) == []


@pytest.mark.parametrize("severity", ["note", "warning", "error"])
def test_severities_are_as_asked_for(severity: str) -> None:
    moment = _seen(_line(has=("A",)))
    (violation,) = _judged(moment, {"lifecycle.member.absent": severity})
    assert violation.severity == severity
    (other,) = _judged(moment, {"lifecycle.transition": severity})
    assert other.severity == "error"


def test_a_check_that_is_off_says_nothing() -> None:
    assert _judged(_seen(_line(has=("A",))), {"lifecycle.member.absent": "off"}) == []


def test_only_the_checks_asked_for_look() -> None:
    moment = _seen(_line(has=("A",), lacks=("StartDate",)))
    asked = [LIFECYCLE_CATALOGUE["lifecycle.member.unexpected"]]
    assert [violation.check for violation in judge(HistoryMoment(SERVICE, moment), checks=asked)] == [
        "lifecycle.member.unexpected"
    ]


@pytest.mark.parametrize(
    ("severities", "severity"),
    [
        ({}, "warning"),
        ({"lifecycle.concurrency": "error"}, "error"),
        ({"lifecycle.concurrency": "off"}, None),
    ],
)
def test_what_nobody_says_is_worth_a_warning_unless_somebody_sets_another_severity(
    severities: dict[str, str], severity: str | None
) -> None:
    race = Race(
        "start at once", "Created", (), (Act("start", 2),), Citation("no recording", "DOC", known=False)
    )
    raced = ConcurrentRun(race, SERVICE.operations["StartUserImportJob"], {("start", True): 2}, "Pending", ())
    assert [violation.severity for violation in _judged(raced, severities)] == (
        [severity] if severity else []
    )
