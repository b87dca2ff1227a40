# SPDX-License-Identifier: Apache-2.0
"""What is tried of one operation of the command: each trial, its kind, and what it puts where."""

from __future__ import annotations

from aws_conformance.cases.compile import contract_of
from aws_conformance.engine.aws_cli.cases import command_cases

POOL, JOB = ("UserPoolId",), ("JobId",)
BOTH = POOL + JOB

# In their order: what is tried, the kind of the case, options, the members of the JSON, the skeleton.
TRIALS = [
    ("skeleton input: an input skeleton", "positive", (), None, "input"),
    ("skeleton: a skeleton of no kind", "positive", (), None, "bare"),
    ("skeleton ignoring: an input skeleton beside an option", "positive", JOB, None, "input"),
    ("skeleton output: an output skeleton", "positive", BOTH, None, "output"),
    (
        "skeleton output required: an output skeleton without --user-pool-id",
        "negative",
        JOB,
        None,
        "output",
    ),
    (
        "skeleton output invalid: an output skeleton with UserPoolId below its minimum",
        "negative",
        (),
        BOTH,
        "output",
    ),
    ("options: every value by an option", "positive", BOTH, None, ""),
    ("file: the whole request as JSON", "positive", (), BOTH, ""),
    ("override: UserPoolId in the JSON and another value as an option", "unbound", BOTH, POOL, ""),
    ("duplicate: UserPoolId twice in the JSON", "unbound", (), BOTH, ""),
    ("merge: --user-pool-id as an option and the rest in the JSON", "unbound", POOL, JOB, ""),
    ("missing option: no --user-pool-id", "negative", JOB, None, ""),
    ("missing option: no --job-id", "negative", POOL, None, ""),
    ("bad json: JSON cut off in the middle", "negative", (), None, ""),
    ("no object: JSON that is a list", "negative", (), None, ""),
    ("unknown key: a key that no member has", "negative", (), BOTH, ""),
    ("missing member: no UserPoolId in the JSON", "negative", (), JOB, ""),
    ("wrong type: UserPoolId of a wrong type", "negative", (), BOTH, ""),
    ("below minimum: UserPoolId below its minimum", "negative", (), BOTH, ""),
    ("service error: what does not exist", "probe", BOTH, None, ""),
    ("credentials: no credentials", "probe", BOTH, None, ""),
    ("connection: an endpoint that refuses connections", "probe", BOTH, None, ""),
]


def test_each_promise_is_tried_once() -> None:
    contract = contract_of("cognito-idp")
    cases = command_cases(contract.of(contract.operation("DescribeUserImportJob")))
    assert [
        (case.info.title, case.info.kind, case.options, case.file, case.skeleton) for case in cases
    ] == TRIALS
    # What succeeds may use up state, so there are two of these.
    assert [case.trial.about for case in cases if case.succeeds] == ["options", "file"]
