# SPDX-License-Identifier: Apache-2.0
"""What crashes implementations most often has more turns than what hardly ever does."""

from __future__ import annotations

from collections import Counter

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.crash_rates import crash_weight, kind_of_boundary, kind_of_value
from aws_conformance.cases.planned import planned_cases

CONTRACT = contract_of("cognito-idp")


def test_containers_and_what_is_none_confuse_more_than_what_is_out_of_bounds() -> None:
    assert crash_weight("type", "number", "list") == crash_weight("type", "array", "string") == 4
    assert crash_weight("type", kind_of_value("type", "object"), "string") == 4
    assert crash_weight("type", "null (element)", "string") == crash_weight("type", "array", "integer") == 2
    assert crash_weight("required", "missing") > crash_weight("maxLength", "longer", "string") == 1
    assert kind_of_value("type", "null (required)") == "null"
    assert kind_of_value("maxLength", "longer") == "longer"
    assert crash_weight("all members") == crash_weight(kind_of_boundary("enum ANY")) == 2


def test_of_few_cases_each_kind_has_some_whatever_place_it_is_of() -> None:
    contract = CONTRACT.of(CONTRACT.operation("CreateUserPool"))
    cases = planned_cases(contract, ("enumerated",), 0, 0, budget=70).cases
    counted = Counter((case.info.kind, case.info.keyword, case.place_kind) for case in cases)
    assert sum(count for (kind, *_), count in counted.items() if kind == "positive") < 40
    assert counted["negative", "required", "structure"] > 0
    assert counted["negative", "type", "list"] > counted["negative", "type", "boolean"]


def test_valid_requests_come_first_whichever_are_chosen() -> None:
    contract = CONTRACT.of(CONTRACT.operation("CreateUserPool"))
    kinds = [case.info.kind for case in planned_cases(contract, ("enumerated",), 0, 0, budget=70).cases]
    assert kinds.index("negative") > max(index for index, kind in enumerate(kinds) if kind == "positive")
