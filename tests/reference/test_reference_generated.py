# SPDX-License-Identifier: Apache-2.0
"""Generated inputs: a valid one is never refused for a constraint, and every answer fits its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aws_conformance.choices import SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import generate
from aws_conformance.reference.operations import HANDLERS
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import error_schema, side_schema

if TYPE_CHECKING:
    from tests.reference.conftest import World

SERVICE = load_service("cognito-idp")


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_generated_inputs(world: World, name: str) -> None:
    operation = SERVICE.operations[name]
    tree = compile_schema(side_schema(SERVICE, operation, "input", "json"))
    output = compile_validator(side_schema(SERVICE, operation, "output", "json"))
    errors = {error: compile_validator(error_schema(SERVICE, error, "json")) for error in operation.errors}
    pool = world.pool()
    job = world.job(pool)["JobId"]
    world.ok("AdminCreateUser", {"UserPoolId": pool, "Username": "ann"})
    client = world.ok("CreateUserPoolClient", {"UserPoolId": pool, "ClientName": "web"})["UserPoolClient"]
    for number in range(60):
        document = generate(tree, SeededChoices(f"{name} {number}"))
        # Half of the inputs name what there is.
        known = {"UserPoolId": pool, "JobId": job, "Username": "ann", "ClientId": client["ClientId"]}
        if number % 2:
            document |= {key: value for key, value in known.items() if key in document}
        answer = world.call(name, document)
        if answer.status == 200:
            findings = output.findings(dict(answer.document))
        else:
            assert answer.code in operation.errors
            assert "validation error" not in (answer.message or ""), document
            findings = errors[answer.code].findings(dict(answer.document))
        # Lengths of outputs are advisory: AWS's own attribute names are longer than documented.
        assert [finding for finding in findings if not finding.advisory] == []
        if name == "DeleteUserPool" and answer.status == 200:
            pool = world.pool()
