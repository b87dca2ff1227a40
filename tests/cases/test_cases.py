# SPDX-License-Identifier: Apache-2.0
"""Cases: exhaustive, with ids that depend on the model alone, and negatives that are proved invalid.

The ids of one operation are kept in fixtures/case-ids.json. When a change of ids is meant, write it anew
with UPDATE_SNAPSHOTS=1 and say in the changelog why ids have changed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.cases.cases import cases_for, enumerated_cases, first_case, random_case
from aws_conformance.cases.compile import compile_contract, contract_of
from aws_conformance.cases.contract import Contract
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.write import dump_schema, side_schema

SNAPSHOT = Path(__file__).parents[2] / "fixtures" / "case-ids.json"
COMPILED = contract_of("cognito-idp")
FAMILY = [name for name in COMPILED.service.operations if "UserImportJob" in name] + ["GetCSVHeader"]


def enumerated(operation: str, compiled: Contract = COMPILED) -> list[Any]:
    return list(enumerated_cases(compiled.of(compiled.operation(operation))))


def test_the_ids_of_start_user_import_job_are_stable() -> None:
    titles = {
        case.info.id: f"{case.info.kind}: {case.info.title}" for case in enumerated("StartUserImportJob")
    }
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(titles, indent=2) + "\n", "utf-8")
    assert titles == json.loads(SNAPSHOT.read_text("utf-8"))


def test_ids_are_the_same_in_every_process() -> None:
    program = """
import hashlib
from aws_conformance.cases.cases import cases_for
from aws_conformance.cases.compile import contract_of
compiled = contract_of("cognito-idp")
for name in ("StartUserImportJob", "CreateUserImportJob", "CreateUserPool"):
    cases = cases_for(compiled.of(compiled.operation(name)), ("enumerated", "random"), 7, 40)
    print(name, hashlib.sha256(repr([(c.info, c.template) for c in cases]).encode()).hexdigest())
"""
    outputs = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == 3


@pytest.mark.parametrize("part", range(4))
def test_ids_are_unique_and_every_kind_of_case_is_there(part: int) -> None:
    kinds: Counter[str] = Counter()
    for name in list(COMPILED.service.operations)[part::4]:
        cases = enumerated(name)
        ids = [case.info.id for case in cases]
        assert len(ids) == len(set(ids)), name
        assert cases[0].info.kind in ("positive", "unbound")
        kinds.update(case.info.kind for case in cases)
    for kind in ("positive", "negative", "tolerance", "fault"):
        assert kinds[kind] > 0


def test_a_large_operation_has_hundreds_of_different_negatives() -> None:
    negatives = [case.info for case in enumerated("CreateUserPool") if case.info.kind == "negative"]
    assert len({(info.pointer, info.keyword, info.value_class) for info in negatives}) >= 300


def _literal(template: Any) -> bool:
    """Whether a template holds no symbol, whose value only a run knows."""
    return "$" not in json.dumps(template)


@pytest.mark.parametrize("operation", [*FAMILY, "CreateUserPool", "SignUp"])
def test_negatives_are_invalid_after_the_wire_and_positives_valid(operation: str) -> None:
    known = COMPILED.operation(operation)
    validator = COMPILED.validator(operation, "input")
    checked: Counter[str] = Counter()
    for case in cases_for(COMPILED.of(known), ("enumerated", "random"), 3, 100):
        below_the_document = case.tamper or case.info.keyword in ("", "state", "fault", "signature")
        if not _literal(case.template) or (below_the_document and case.info.kind != "positive"):
            continue
        request = COMPILED.protocol.encode_request(COMPILED.service, known, case.template)
        decoded = COMPILED.protocol.decode_request(COMPILED.service, request)
        findings = validator.findings(decoded.document)
        if case.info.kind in ("negative", "tolerance"):
            assert [finding.keyword for finding in findings] == [case.info.keyword], case.info.title
        else:
            assert findings == (), case.info.title
        checked[case.info.kind] += 1
    # Operations whose every request names state are checked as far as that member is the one broken.
    assert checked["negative"] > 3


def test_a_random_case_depends_on_seed_operation_and_index_alone() -> None:
    operation = COMPILED.operation("CreateUserPool")
    first = [random_case(COMPILED.of(operation), 5, index) for index in range(20)]
    again = [random_case(COMPILED.of(operation), 5, index) for index in reversed(range(20))]
    assert [case.info for case in first] == [case.info for case in reversed(again)]
    other = [random_case(COMPILED.of(operation), 6, index) for index in range(20)]
    assert [case.info.id for case in first] != [case.info.id for case in other]
    assert {case.info.kind for case in first[::2]} == {"positive"}
    assert "negative" in {case.info.kind for case in first[1::2]}


def test_an_edited_schema_changes_what_is_sent_and_what_is_accepted(tmp_path: Path) -> None:
    service = load_service("cognito-idp")
    operation = service.operations["CreateUserPool"]
    schema = side_schema(service, operation, "input", "json")
    schema["$defs"]["EmailVerificationSubjectType"]["maxLength"] = 3
    schema["$defs"]["DeletionProtectionType"]["enum"] = ["ACTIVE", "HALF"]
    (tmp_path / "CreateUserPool").mkdir()
    (tmp_path / "CreateUserPool" / "input.json").write_text(dump_schema(schema), "utf-8")
    edited = compile_contract(service, "json", folder=tmp_path)
    ours, theirs = edited.validator("CreateUserPool", "input"), COMPILED.validator("CreateUserPool", "input")
    for document, accepted in (
        ({"PoolName": "p", "DeletionProtection": "HALF"}, True),
        ({"PoolName": "p", "EmailVerificationSubject": "abcd"}, False),
    ):
        assert ours.is_valid(document) is accepted
        assert theirs.is_valid(document) is not accepted
    member = "EmailVerificationSubject"
    cases = list(cases_for(edited.of(operation), ("enumerated", "random"), 1, 60))
    positives = [case.template for case in cases if case.info.kind == "positive"]
    assert max(len(template[member]) for template in positives if member in template) == 3
    shown = {template["DeletionProtection"] for template in positives if "DeletionProtection" in template}
    assert shown == {"ACTIVE", "HALF"}
    longer = {
        len(case.template[member])
        for case in cases
        if case.info.pointer == f"/{member}" and case.info.keyword == "maxLength"
    }
    assert longer == {4}


def test_cases_know_the_phase_that_they_are_of() -> None:
    contract = contract_of("cognito-idp")
    operation = contract.operation("StartUserImportJob")
    assert {case.info.phase for case in enumerated_cases(contract.of(operation), ("sigv4",))} == {
        "enumerated"
    }
    assert {random_case(contract.of(operation), 1, index).info.phase for index in range(4)} == {"random"}


def test_the_edge_of_an_integers_width_is_no_valid_quota() -> None:
    """Where a model has no bound a service may have one: UpdateProvisionedLimit of -2147483648."""
    contract = contract_of("cognito-idp")
    operation = contract.operation("UpdateProvisionedLimit")
    earns = {
        case.info.title: case.expectation.earns
        for case in enumerated_cases(contract.of(operation))
        if case.info.kind == "positive"
    }
    extremes = {title: earned for title, earned in earns.items() if "RequestedLimitValue" in title}
    assert set(extremes.values()) == {"tolerated"}
    assert "accepted" in earns.values()


def test_a_required_list_that_the_wire_cannot_say_is_no_positive_case() -> None:
    # `tagKeys` is required, may be empty, and is a parameter of the query: an empty list is none at all.
    contract = contract_of("controltower")
    operation = contract.operation("UntagResource")
    for index in range(0, 60, 2):
        case = random_case(contract.of(operation), 1, index)
        if case.template["tagKeys"] == []:
            assert case.expectation.earns == "tolerated"
            break
    else:
        pytest.fail("no random case has an empty list")
    enumerated = enumerated_cases(contract.of(operation))
    accepted = [case for case in enumerated if case.info.kind == "positive"]
    assert accepted
    assert all(case.template["tagKeys"] for case in accepted)


@pytest.mark.parametrize("name", ["PutBucketCors", "PutBucketReplication"])
def test_where_the_wire_has_no_words_for_an_empty_list_a_valid_request_has_an_element(name: str) -> None:
    contract = contract_of("s3")
    case = first_case(contract.of(contract.operation(name)))
    assert case is not None
    assert case.info.kind == "positive"
    rules = next(item for item in case.template.values() if isinstance(item, dict) and "$from" not in item)
    lists = [item for item in rules.values() if isinstance(item, list)]
    assert lists
    assert all(lists)


@pytest.mark.parametrize(
    ("operation", "labelled"), [("AssumeRole", True), ("AssumeRoleWithWebIdentity", False)]
)
def test_a_form_says_nothing_of_its_service_only_where_a_signature_does(
    operation: str, labelled: bool
) -> None:
    """A server for many services on one address knows an unsigned request by its form alone.

    Under an Action that no operation has, moto takes it for one to S3.
    """
    tampers = {case.tamper for case in enumerated(operation, contract_of("sts"))}
    telling = {"content-type", "unknown action", "missing action", "unknown version"}
    assert tampers & telling == (telling if labelled else set())
    assert "lone percent" in tampers
