# SPDX-License-Identifier: Apache-2.0
"""What is simplest of a place is one object in all documents that hold it: nobody may change it."""

from __future__ import annotations

import json
from typing import Any

from aws_conformance.cases.cases import enumerated_cases, random_case
from aws_conformance.cases.compile import contract_of
from aws_conformance.choices import SeededChoices
from aws_conformance.generate.boundaries import sites
from aws_conformance.generate.mutations import mutations_at, places_within
from aws_conformance.generate.values import generate, minimal

CREATE = contract_of("cognito-idp").of(contract_of("cognito-idp").operation("CreateUserPool"))


def _minimals() -> dict[tuple[str | int, ...], Any]:
    return {site.pointer: minimal(CREATE.tree, site.node) for site in sites(CREATE.tree)}


def test_there_is_a_single_object_and_no_case_changes_it() -> None:
    before = _minimals()
    written = json.dumps(list(before.values()))
    for _ in enumerated_cases(CREATE):
        pass
    for index in range(40):
        random_case(CREATE, 7, index)
    after = _minimals()
    assert all(after[pointer] is item for pointer, item in before.items())
    assert json.dumps(list(after.values())) == written


def test_a_broken_document_leaves_the_valid_one_as_it_was() -> None:
    """Of what a mutation is not about, both may hold the same objects."""
    count = 0
    for seed in range(8):
        choices = SeededChoices(seed)
        document = generate(CREATE.tree, choices)
        written = json.dumps(document)
        for place in places_within(CREATE.tree, document):
            for make in mutations_at(CREATE.tree, document, place, choices):
                assert json.dumps(make().document) != written
                count += 1
        assert json.dumps(document) == written
    assert count > 500
