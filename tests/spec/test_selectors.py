# SPDX-License-Identifier: Apache-2.0
"""What each form of selector selects, and what is said about one that selects nothing."""

from __future__ import annotations

import pytest

from aws_conformance.engine.plan import DEFAULT_SELECTORS
from aws_conformance.errors import UsageError
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.selectors import find_operation, select, split_operation

START = "cognito-idp:StartUserImportJob"


def test_the_default_is_the_import_family_in_model_order() -> None:
    chosen = select(DEFAULT_SELECTORS)
    assert set(chosen) == {
        f"cognito-idp:{name}"
        for name in (
            "CreateUserImportJob",
            "DescribeUserImportJob",
            "GetCSVHeader",
            "ListUserImportJobs",
            "StartUserImportJob",
            "StopUserImportJob",
        )
    }
    order = [f"cognito-idp:{name}" for name in load_service("cognito-idp").operations]
    assert list(chosen) == sorted(chosen, key=order.index)


def test_a_service_is_all_of_its_operations() -> None:
    assert select(["cognito-idp"]) == tuple(
        f"cognito-idp:{name}" for name in load_service("cognito-idp").operations
    )


@pytest.mark.parametrize(
    "selectors",
    [
        [START, "cognito-idp:StopUserImportJob"],
        ["cognito-idp:StopUserImportJob", START],
        ["cognito-idp:St*UserImportJob"],
        ["cognito-idp:St[ao]*UserImportJo?", START, START],
    ],
)
def test_equal_selections_are_equal(selectors: list[str]) -> None:
    assert select(selectors) == (START, "cognito-idp:StopUserImportJob")


def test_services_stand_in_the_order_of_their_naming() -> None:
    chosen = select(["sts:GetCallerIdentity", "cognito-idp:GetCSVHeader", "sts:GetSessionToken"])
    assert chosen == ("sts:GetCallerIdentity", "sts:GetSessionToken", "cognito-idp:GetCSVHeader")


def test_a_star_goes_over_all_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws_conformance.spec.botocore.service_names", lambda: ("acm", "cognito-idp", "sts"))
    assert select(["*:StartUserImportJob"]) == (START,)


def test_a_star_alone_is_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws_conformance.spec.botocore.service_names", lambda: ("cognito-idp", "sts"))
    assert select(["*"]) == select(["cognito-idp", "sts"])


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("cognito-ipd", r"no service named 'cognito-ipd'. Did you mean cognito-idp"),
        ("cognito-idp:StartUserImportJb", r"no operation named 'StartUserImportJb'. Did you mean StartUser"),
        ("cognito-idp:start-user-import-job", r"Did you mean StartUserImportJob"),
        ("cognito-idp:startuserimportjob", r"Did you mean StartUserImportJob"),
        ("cognito-idp:Qqq", r"no operation named 'Qqq'. `aws-conformance plan cognito-idp` lists"),
        ("cognito-idp:start*", r"No operation of cognito-idp matches 'start\*'"),
        ("*:NoSuchThing", r"No operation of any service matches"),
        ("StartUserImportJob", r"An operation is written SERVICE:OPERATION"),
        ("cognito-idp:", r"selects nothing"),
        (":StartUserImportJob", r"selects nothing"),
        ("", r"selects nothing"),
        ("../data", r"no service named"),
    ],
)
def test_what_selects_nothing_is_a_mistake(
    selector: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aws_conformance.spec.botocore.service_names", lambda *_: ("cognito-idp", "sts"))
    with pytest.raises(UsageError, match=message):
        select([START, selector])


def test_an_operation_is_selected_by_its_full_name() -> None:
    service, operation = find_operation(START)
    assert (service.name, operation.name) == ("cognito-idp", "StartUserImportJob")
    with pytest.raises(UsageError, match="Did you mean StartUserImportJob"):
        find_operation("cognito-idp:StartUserImportJobs")


@pytest.mark.parametrize("text", ["cognito-idp", "cognito-idp:", ":X", ""])
def test_half_a_name_is_a_mistake(text: str) -> None:
    with pytest.raises(UsageError, match="does not name an operation"):
        split_operation(text)
