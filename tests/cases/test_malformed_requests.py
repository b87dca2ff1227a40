# SPDX-License-Identifier: Apache-2.0
"""The valid request beside a wrong one: one that the wire has words for."""

from __future__ import annotations

from aws_conformance.cases.cases import enumerated_cases
from aws_conformance.cases.compile import contract_of


def test_a_list_that_has_to_be_there_has_an_element_where_none_can_not_be_said() -> None:
    contract = contract_of("s3")
    cases = list(enumerated_cases(contract.of(contract.operation("DeleteObjects"))))
    tampered = [case for case in cases if case.tamper]
    twins = [case.twin for case in cases if case.info.kind == "negative" and case.twin is not None]
    assert len(tampered) > 3
    assert len(twins) > len(tampered)
    for document in (*(case.template for case in tampered), *twins):
        assert document["Delete"]["Objects"] != []
