# SPDX-License-Identifier: Apache-2.0
"""Names that stand within a structure of an input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from aws_conformance.cases.oracles.names_within import names_within, places_of_names, with_own_names
from aws_conformance.spec.botocore import load_service

CONNECTION = {"ConnectionInput": {"Name": "kept", "ConnectionType": "JDBC", "ConnectionProperties": {}}}


@pytest.mark.parametrize(
    ("template", "names"),
    [
        (CONNECTION, ["ConnectionInput.Name"]),
        ({"ConnectionInput": {"ConnectionType": "JDBC"}}, []),
        ({"ConnectionInput": {"$from": "CreateConnection.ConnectionInput"}}, []),
        ({"ConnectionInput": "no structure"}, []),
        ({}, []),
    ],
)
def test_a_name_within_a_structure_is_where_the_template_has_text(
    template: Mapping[str, Any], names: list[str]
) -> None:
    service = load_service("glue")
    creator = service.operations["CreateConnection"]
    assert list(names_within(service, creator, "connection", template)) == names


def test_what_is_told_without_a_structure_is_no_name_within() -> None:
    service = load_service("glue")
    creator = service.operations["CreateWorkflow"]
    assert list(names_within(service, creator, "workflow", {"Name": "a", "Tags": {}})) == []


def test_another_input_has_the_name_of_the_template() -> None:
    naming = ["Name", "ConnectionInput.Name"]
    other = {"ConnectionInput": {"Name": "other", "ConnectionType": "KAFKA"}, "Name": "mine"}
    own = with_own_names(other, naming, {**CONNECTION, "Name": "first"})
    assert own == {"ConnectionInput": {"Name": "kept", "ConnectionType": "KAFKA"}, "Name": "mine"}
    nameless = {"ConnectionInput": {"ConnectionType": "KAFKA"}}
    assert with_own_names(nameless, naming, CONNECTION) == nameless
    assert places_of_names(naming) == {"/ConnectionInput/Name"}
