# SPDX-License-Identifier: Apache-2.0
"""Scripts that begin as a search found a creator to succeed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.oracles.script import Script
from aws_conformance.cases.oracles.scripts import scripts_for
from aws_conformance.cases.prerequisites import Prerequisites
from aws_conformance.cases.setup import SetupStep
from aws_conformance.engine.oracles.learning import knows, learned_script
from aws_conformance.engine.session import Session
from aws_conformance.spec.shapes import Operation

ARN = {"$from": "DescribeStream.StreamDescription.StreamARN"}


def _script(operation: str, title: str) -> Script:
    contract = contract_of("kinesis", None)
    scripts = scripts_for(contract, contract.operation(operation))
    return next(script for script in scripts if script.info.title == title)


def test_what_succeeded_stands_for_what_a_script_is_not_about() -> None:
    session = cast(Session, SimpleNamespace(memory={}))
    script = _script("ListStreamConsumers", "made and listed by ListStreamConsumers")
    searched: list[str] = []

    def search(creator: Operation) -> Prerequisites:
        searched.append(creator.name)
        step = SetupStep("DescribeStream", "DescribeStream", {"StreamName": "a"})
        base: dict[str, Any] = {"StreamARN": ARN, "ConsumerName": "another"}
        return Prerequisites(steps=(step,), base=base)

    assert learned_script(session, script) is None
    assert not knows(session, script)
    for _ in range(2):
        learned = learned_script(session, script, search)
        assert learned is not None
        creation, listing = learned.moves
        assert creation.input["StreamARN"] == listing.input["StreamARN"] == ARN
        # It keeps the name that is its own.
        assert creation.input["ConsumerName"] == script.moves[0].input["ConsumerName"]
        assert learned.family.recipe.steps[0].name == "DescribeStream"
    assert searched == ["RegisterStreamConsumer"]


def test_where_nothing_succeeds_there_is_no_script() -> None:
    session = cast(Session, SimpleNamespace(memory={}))
    script = _script("ListStreamConsumers", "made and listed by ListStreamConsumers")
    assert learned_script(session, script, lambda creator: None) is None
    assert knows(session, script)
