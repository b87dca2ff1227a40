# SPDX-License-Identifier: Apache-2.0
"""How often a violation that does not come back is tried again, and what an answer's secrets are."""

from __future__ import annotations

import json
from dataclasses import replace
from unittest import mock

import pytest

from aws_conformance.cases.case import Case
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.expectations import Expectation
from aws_conformance.engine.attempt import Attempt
from aws_conformance.engine.confirmation import Doubt
from aws_conformance.engine.findings import Findings
from aws_conformance.engine.plan import Plan
from aws_conformance.engine.session import Session
from aws_conformance.http import Exchange, Request, Response
from aws_conformance.results.events import CaseInfo, Violation

CONTRACT = contract_of("cognito-idp")
NAME = "cognito-idp:ListUserPools"
VIOLATION = Violation("request.valid.refused", "error", "MODEL", NAME, "$.A", "r", "e", "g")
HEADERS = (("Content-Type", "application/x-amz-json-1.1"),)


def _findings() -> Findings:
    return Findings(
        contract=CONTRACT.of(CONTRACT.operation("ListUserPools")),
        plan=Plan((NAME,)),
        attempter=mock.Mock(),
        endpoint="",
        make_environment=mock.Mock(return_value=mock.Mock(spoilt=False)),
        make_shrunk=mock.Mock(),
    )


def test_what_does_not_come_back_is_tried_again_for_three_cases_and_stays_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = []

    def doubtful(self: Findings, violation: Violation, first: Attempt) -> Doubt:
        tried.append(violation)
        return Doubt("flaky", f"try {len(tried)}", violation, first)

    monkeypatch.setattr(Findings, "_confirm", doubtful)
    findings = _findings()
    reasons = []
    for number in range(5):
        info = CaseInfo(str(number), NAME, "enumerated", "positive", "t")
        case = Case(info, {}, Expectation("accepted"))
        doubt = findings.see(VIOLATION, case, Attempt(case))
        reasons.append(doubt.reason if doubt else "")
    assert len(tried) == 3
    # Later cases have the doubt that there was first.
    assert reasons == ["try 1", "try 2", "try 3", "try 1", "try 1"]


def test_what_was_a_doubt_of_the_rule_first_is_as_grave_as_it_is_seen_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Findings, "_confirm", lambda self, violation, first: first)
    monkeypatch.setattr(Findings, "_shown", lambda self, witness: witness.case.info.id)
    findings = _findings()
    for number, severity in enumerate(("warning", "error", "warning")):
        case = Case(CaseInfo(str(number), NAME, "enumerated", "positive", "t"), {}, Expectation("accepted"))
        assert findings.see(replace(VIOLATION, severity=severity), case, Attempt(case)) is None  # type: ignore[arg-type]
    (reported,) = findings.events()
    assert (reported.violation.severity, reported.count, reported.cases) == ("error", 3, ("0", "1", "2"))
    # What shows it is the case that shows it as grave.
    assert reported.reproduction == "1"  # type: ignore[comparison-overlap]


def test_all_that_one_answer_shows_is_asked_for_again_once() -> None:
    other = replace(VIOLATION, path="$.B")
    case = Case(CaseInfo("c", NAME, "enumerated", "positive", "t"), {}, Expectation("accepted"))
    first = Attempt(case, violations=(VIOLATION, other))
    findings = _findings()
    repeat = mock.Mock(return_value=Attempt(case, violations=(VIOLATION, other)))
    findings.attempter.attempt = repeat  # type: ignore[method-assign]
    assert [findings.see(violation, case, first) for violation in first.violations] == [None, None]
    assert repeat.call_count == 1
    # Another answer has to be confirmed by itself.
    third = replace(VIOLATION, path="$.C")
    repeat.return_value = Attempt(case, violations=(third,))
    assert findings.see(third, case, Attempt(case, violations=(third,))) is None
    assert repeat.call_count == 2


@pytest.mark.parametrize("max_time", [None, 60.0])
@pytest.mark.parametrize("site", ["KeyError in lookup", "500: it broke"])
def test_where_time_is_short_a_crash_at_a_known_place_is_seen_once(max_time: float | None, site: str) -> None:
    findings = replace(_findings(), plan=Plan((NAME,), max_time=max_time))
    crash = replace(VIOLATION, check="server.crash", site=site)
    case = Case(CaseInfo("0", NAME, "enumerated", "positive", "t"), {}, Expectation("accepted"))
    findings.attempter.attempt.return_value = Attempt(case, violations=(crash,))  # type: ignore[attr-defined]
    findings.see(crash, case, Attempt(case, violations=(crash,)))
    other = replace(crash, path="$.B")
    findings.attempter.attempt.return_value = Attempt(case, violations=(other,))  # type: ignore[attr-defined]
    findings.see(other, case, Attempt(case, violations=(other,)))
    known = max_time is not None and site == "KeyError in lookup"
    assert findings.attempter.attempt.call_count == (1 if known else 2)  # type: ignore[attr-defined]


def test_what_the_repetition_shows_in_part_confirms_that_part_alone() -> None:
    other = replace(VIOLATION, path="$.B")
    case = Case(CaseInfo("c", NAME, "enumerated", "positive", "t"), {}, Expectation("accepted"))
    first = Attempt(case, violations=(VIOLATION, other))
    findings = _findings()
    repeat = mock.Mock(return_value=Attempt(case, violations=(VIOLATION,), reason="silence"))
    findings.attempter.attempt = repeat  # type: ignore[method-assign]
    assert findings.see(VIOLATION, case, first) is None
    doubt = findings.see(other, case, first)
    assert doubt is not None
    assert doubt.outcome == "unconfirmed"
    assert repeat.call_count == 3


def test_what_a_smaller_request_earns_has_its_own_words() -> None:
    """One violation by its key, of which the answer that is shown says something else than the first did."""
    case = Case(CaseInfo("c", NAME, "enumerated", "positive", "t"), {}, Expectation("accepted"))
    smaller = replace(VIOLATION, got="a redirection")
    findings = _findings()
    findings.attempter.attempt = mock.Mock(  # type: ignore[method-assign]
        return_value=Attempt(case, violations=(smaller,))
    )
    assert findings.see(VIOLATION, case, Attempt(case, violations=(VIOLATION,))) is None
    (known,) = findings._by_key.values()
    assert known.violation.got == "a redirection"


def test_choices_that_make_the_same_request_are_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    info = CaseInfo("c", NAME, "random", "positive", "t")
    case = Case(info, {"MaxResults": 1}, Expectation("accepted"), choices=(3, 1, 4, 1, 5, 9))
    answer = mock.Mock(kind="error")
    monkeypatch.setattr("aws_conformance.engine.findings.needs_repetition", lambda violation, answer: False)
    findings = _findings()
    findings.make_shrunk = lambda contract, case, offsets: replace(
        case, template={"MaxResults": 2}, choices=offsets
    )
    attempt = mock.Mock(side_effect=lambda case, environment: Attempt(case, answer=answer))
    findings.attempter.attempt = attempt  # type: ignore[method-assign]
    assert findings.see(VIOLATION, case, Attempt(case, answer=answer, violations=(VIOLATION,))) is None
    assert attempt.call_count == 1


@pytest.mark.parametrize(
    ("sent", "secrets"), [(b'{"ClientSecret": "s3cret-1"}', ()), (b"\xff", ("s3cret-1",))]
)
def test_secrets_are_what_an_answer_holds_and_its_request_did_not(
    sent: bytes, secrets: tuple[str, ...]
) -> None:
    operation = CONTRACT.operation("AddUserPoolClientSecret")
    body = {"ClientSecretDescriptor": {"ClientSecretValue": "s3cret-1"}}
    answer = Response(200, HEADERS, json.dumps(body).encode())
    exchange = Exchange(Request("POST", "/", HEADERS, sent), answer)
    session = mock.Mock(spec=Session, plan=Plan((NAME,)), _issued=(), _sent=(), _known=None)
    session._secrets_of = Session._secrets_of.__get__(session)
    assert Session.secrets(session, CONTRACT.of(operation), exchange) == secrets
