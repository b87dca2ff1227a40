# SPDX-License-Identifier: Apache-2.0
"""What a lifecycle must be beyond its form: every mistake of meaning told in one line, with the right one.

Mistakes of form are test_form.py's.
"""

from __future__ import annotations

import re

import pytest

from aws_conformance.cases.lifecycles.load import read_lifecycle
from aws_conformance.cases.lifecycles.model import (
    Act,
    Action,
    Citation,
    Csv,
    DocumentLine,
    Effect,
    Lifecycle,
    Put,
    Race,
    ReadAction,
    RefusalRule,
    Setting,
    State,
    Transition,
    Variant,
    Waiting,
)
from aws_conformance.cases.lifecycles.predicates import Is, OthersIn
from aws_conformance.cases.lifecycles.registry import shipped_files
from aws_conformance.cases.setup import SetupStep
from aws_conformance.cases.smallest import smallest_input
from aws_conformance.errors import UsageError
from aws_conformance.spec.botocore import load_service

POOL = """\
version: 1
name: small-pool
service: cognito-idp
resource: pool
title: a small pool
subject: CreateUserPool
exclusive: only-pool
sources:
  api: API reference
  recordings: recorded answers
facts: {file: none}
others: {pool: us-east-1_Nobody999}
setup:
  Other:
    operation: CreateUserPool
    input: {PoolName: {$name: other}}
    undo: {operation: DeleteUserPool, input: {UserPoolId: {$from: Other.UserPool.Id}}}
  Client:
    operation: CreateUserPoolClient
    needs: [Other]
    input: {UserPoolId: {$from: Other.UserPool.Id}, ClientName: c}
settings:
  usual: {facts: {quick: true}}
  slow: {facts: {quick: false}, change: {Other: {PoolName: null}}}
states:
  there: {shown: {Status: Enabled}}
  old: {shown: {Status: Disabled}}
  gone: {absent: ResourceNotFoundException}
actions:
  create:
    operation: CreateUserPool
    input: {PoolName: {$name: pool}}
    shows: UserPool
  upload:
    put:
      url: {$own: Arn}
      headers: {x-kind: file}
      columns: {$from: Other.UserPool.Id}
    variants:
      all: {csv: {rows: [{a: b}], width: 9, pad: [a], leave-out: [c], before: x}, facts: {file: all, rows: 1}}
      odd: {csv: {text: odd}}
    then: [delete]
  delete:
    operation: DeleteUserPool
    input: {UserPoolId: {$own: Id}}
readers:
  describe:
    operation: DescribeUserPool
    input: {UserPoolId: {$own: Id}}
    shows: UserPool
  list:
    operation: ListUserPools
    input: {MaxResults: 60}
    lists: UserPools
    key: [Id]
    token: NextToken
    next: NextToken
transitions:
  - {by: create, to: there, doc: "api: CreateUserPool"}
  - {by: upload, from: there, to: there, observed: recordings}
  - {from: there, to: old, after: [6, 9.5], when: [{is-not: {file: none}}], try: [{is: {rows: 1}}], doc: api}
  - {by: delete, from: [there, old], to: gone, when: [{none-in: [old]}], doc: api}
refusals:
  - {of: upload, in: [old, gone], unknown: nobody says}
  - {of: delete, in: gone, code: ResourceNotFoundException, observed: "recordings: gone"}
  - {of: delete, in: there, with: {UserPoolId: {$other: pool}}, title: an unknown pool, unknown: nobody says}
documents:
  - {in: there, has: [Id], lacks: [Domain], shown-by: [describe, create], values: {Name: x}, doc: api}
  - {sum: [EstimatedNumberOfUsers, Id], is: [{$fact: rows}, 0], counts: {EstimatedNumberOfUsers: 1}, doc: api}
  - {sum: [EstimatedNumberOfUsers, Id], at-most: {$fact: rows}, constant: [Id], same: [Id], doc: api}
effects:
  nobody is in it:
    {in: gone, operation: ListUsers, input: {UserPoolId: {$own: Id}}, each: file, refused: NoSuch, doc: api}
races:
  delete twice: {in: there, acts: [{act: delete, times: 2}, {act: delete}], doc: api}
tidy: [delete]
wait: {pause: 2, at-most: 30}
"""

_API = Citation("API reference", "DOC")
_UNKNOWN = Citation("nobody says", "DOC", known=False)
_OWN = {"UserPoolId": {"$own": "Id"}}

# What POOL is.
READ = Lifecycle(
    name="small-pool",
    service="cognito-idp",
    resource="pool",
    title="a small pool",
    subject="CreateUserPool",
    exclusive="only-pool",
    facts={"file": "none"},
    others={"pool": "us-east-1_Nobody999"},
    setup=(
        SetupStep(
            "Other",
            "CreateUserPool",
            {"PoolName": {"$name": "other"}},
            undo=SetupStep("undo Other", "DeleteUserPool", {"UserPoolId": {"$from": "Other.UserPool.Id"}}),
        ),
        SetupStep(
            "Client",
            "CreateUserPoolClient",
            {"UserPoolId": {"$from": "Other.UserPool.Id"}, "ClientName": "c"},
            needs=("Other",),
        ),
    ),
    settings=(
        Setting("usual", {"quick": True}),
        Setting("slow", {"quick": False}, {"Other": {"PoolName": None}}),
    ),
    states={
        "there": State("there", {"Status": "Enabled"}),
        "old": State("old", {"Status": "Disabled"}),
        "gone": State("gone", absent="ResourceNotFoundException"),
    },
    actions={
        "create": Action("create", "CreateUserPool", {"PoolName": {"$name": "pool"}}, shows=("UserPool",)),
        "upload": Action(
            "upload",
            put=Put({"$own": "Arn"}, {"x-kind": "file"}, {"$from": "Other.UserPool.Id"}),
            variants=(
                Variant(
                    "all",
                    csv=Csv(({"a": "b"},), ("c",), "x", width=9, pad=("a",)),
                    facts={"file": "all", "rows": 1},
                ),
                Variant("odd", csv=Csv(text="odd")),
            ),
            then=("delete",),
        ),
        "delete": Action("delete", "DeleteUserPool", _OWN),
    },
    readers={
        "describe": ReadAction("describe", "DescribeUserPool", _OWN, shows=("UserPool",)),
        "list": ReadAction(
            "list",
            "ListUserPools",
            {"MaxResults": 60},
            lists=("UserPools",),
            key=("Id",),
            token="NextToken",
            next="NextToken",
        ),
    },
    transitions=(
        Transition("create", "nowhere", ("there",), (), Citation("API reference: CreateUserPool", "DOC")),
        Transition("upload", "there", ("there",), (), Citation("recorded answers", "OBSERVED")),
        Transition(
            "",
            "there",
            ("old",),
            (Is("file", ("none",), negated=True),),
            _API,
            (6, 9.5),
            (Is("rows", (1,)),),
        ),
        # One line for each state that it leads from.
        Transition("delete", "there", ("gone",), (OthersIn(frozenset({"old"}), negated=True),), _API),
        Transition("delete", "old", ("gone",), (OthersIn(frozenset({"old"}), negated=True),), _API),
    ),
    refusals=(
        RefusalRule("upload", ("old", "gone"), (), _UNKNOWN),
        RefusalRule(
            "delete",
            ("gone",),
            (),
            Citation("recorded answers: gone", "OBSERVED"),
            "ResourceNotFoundException",
        ),
        RefusalRule(
            "delete",
            ("there",),
            (),
            _UNKNOWN,
            replace={"UserPoolId": {"$other": "pool"}},
            title="an unknown pool",
        ),
    ),
    documents=(
        DocumentLine(
            _API,
            frozenset({"there"}),
            shown_by=("describe", "create"),
            has=("Id",),
            lacks=("Domain",),
            values={"Name": "x"},
        ),
        DocumentLine(
            _API,
            sums=("EstimatedNumberOfUsers", "Id"),
            totals=({"$fact": "rows"}, 0),
            counts={"EstimatedNumberOfUsers": 1},
        ),
        DocumentLine(
            _API,
            sums=("EstimatedNumberOfUsers", "Id"),
            totals=({"$fact": "rows"},),
            at_most=True,
            constant=("Id",),
            same=("Id",),
        ),
    ),
    effects=(
        Effect("nobody is in it", frozenset({"gone"}), (), "ListUsers", _OWN, _API, "file", refused="NoSuch"),
    ),
    races=(Race("delete twice", "there", (), (Act("delete", 2), Act("delete")), _API),),
    tidy=("delete",),
    waiting=Waiting(2, 30),
    source="pool.yaml",
)


def test_every_part_of_a_file_becomes_its_value() -> None:
    assert read_lifecycle(POOL, "pool.yaml", load_service) == READ


def test_what_may_be_left_out_has_its_usual_value() -> None:
    start, end = POOL.index("exclusive:"), POOL.index("sources:")
    text = POOL[:start] + POOL[end : POOL.index("tidy:")]
    lifecycle = read_lifecycle(text, "pool.yaml", load_service)
    assert (lifecycle.exclusive, lifecycle.tidy, lifecycle.waiting) == ("", (), Waiting(1.0, 300.0))
    assert lifecycle.actions["create"].variants == (Variant(),)
    assert lifecycle.operations == {"CreateUserPool", "DeleteUserPool", "DescribeUserPool", "ListUserPools"}


_LIST = """\
    lists: UserPools
    key: [Id]
"""
_NEITHER = "neither a transition nor a refusal. Add a line; `unknown` is an answer too."
_DESCRIBE = "{UserPoolId: {$own: Id}}\n    shows: UserPool\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # Names of this file.
        (
            "{from: there, to: old,",
            "{from: their, to: old,",
            "61: there is no state 'their'. Did you mean there?",
        ),
        (
            "{from: there, to: old,",
            "{from: there, to: zzz,",
            "61: there is no state 'zzz'. There is there, old, gone.",
        ),
        ("{none-in: [old]}", "{none-in: [olt]}", "62: there is no state 'olt'. Did you mean old?"),
        ("in: [old, gone]", "in: [old, gonne]", "64: there is no state 'gonne'. Did you mean gone?"),
        (
            "  - {in: there, has",
            "  - {in: ther, has",
            "68: there is no state 'ther'. Did you mean there?",
        ),
        ("{in: gone, op", "{in: gon, op", "73: there is no state 'gon'. Did you mean gone?"),
        ("{in: there, acts", "{in: ther, acts", "75: there is no state 'ther'. Did you mean there?"),
        ("by: delete, ", "by: delet, ", "62: there is no action 'delet'. Did you mean delete?"),
        ("{of: upload", "{of: uplaod", "64: there is no action 'uplaod'. Did you mean upload?"),
        ("then: [delete]", "then: [zzz]", "42: there is no action 'zzz'. There is create, upload, delete."),
        (
            "tidy: [delete]",
            "tidy: [remove]",
            "76: there is no action 'remove'. There is create, upload, delete.",
        ),
        ("{act: delete, times", "{act: dele, times", "75: there is no action 'dele'. Did you mean delete?"),
        (
            "shown-by: [describe,",
            "shown-by: [descibe,",
            "68: there is no reader 'descibe'. Did you mean describe?",
        ),
        ("needs: [Other]", "needs: [Another]", "20: there is no step 'Another'. Did you mean Other?"),
        ("change: {Other:", "change: {Zzz:", "24: there is no step 'Zzz'. There is Other, Client."),
        (
            "try: [{is: {rows:",
            "try: [{is: {rosw:",
            "61: no resource has the fact 'rosw'. Did you mean rows?",
        ),
        (
            "{is-not: {file: none}}",
            "{is-not: {zzz: none}}",
            "61: no resource has the fact 'zzz'. There is file, quick, rows.",
        ),
        ("each: file", "each: users", "73: no resource has the fact 'users'."),
        (
            "observed: recordings}",
            "observed: recodings}",
            "60: 'recodings' is no source of this file. Did you mean recordings?",
        ),
        (
            'doc: "api: CreateUserPool"',
            'doc: "zz: CreateUserPool"',
            "59: 'zz' is no source of this file. There is api, recordings.",
        ),
        # Symbols.
        (
            "columns: {$from: Other.UserPool.Id}",
            "columns: {$from: Othr.UserPool.Id}",
            "38: no step of the setup gives 'Othr.UserPool.Id'. Did you mean Other?",
        ),
        ("{$other: pool}", "{$other: job}", "66: no identifier 'job' is among the others. There is pool."),
        (
            "input: {PoolName: {$name: pool}}",
            "input: {PoolName: {$fact: nam}}",
            "32: no resource has the fact 'nam'. There is file, quick, rows.",
        ),
        # Names of the service.
        (
            "service: cognito-idp",
            "service: zzzzzz",
            "3: There is no service named 'zzzzzz'. `aws-conformance plan '*'` lists what there is.",
        ),
        ("subject: CreateUserPool", "subject: Zzzz", "6: cognito-idp has no operation 'Zzzz'."),
        ("operation: ListUserPools", "operation: Zzzz", "52: cognito-idp has no operation 'Zzzz'."),
        (
            "undo: {operation: DeleteUserPool,",
            "undo: {operation: Zzzz,",
            "17: cognito-idp has no operation 'Zzzz'.",
        ),
        ("operation: ListUsers,", "operation: Zzzz,", "73: cognito-idp has no operation 'Zzzz'."),
        (
            "{PoolName: {$name: pool}}",
            "{PoolNmae: {$name: pool}}",
            "32: the input of CreateUserPool has no member 'PoolNmae'. Did you mean PoolName?",
        ),
        (
            "{MaxResults: 60}",
            "{Zzz: 60}",
            "53: the input of ListUserPools has no member 'Zzz'.",
        ),
        (
            _DESCRIBE,
            _DESCRIBE[:-1] + ".Nam\n",
            "50: the output of DescribeUserPool has no member 'Nam'. Did you mean Name?",
        ),
        (
            "lists: UserPools",
            "lists: UserPols",
            "54: the output of ListUserPools has no member 'UserPols'. Did you mean UserPools?",
        ),
        (
            "lists: UserPools",
            "lists: UserPools.Id",
            "54: the output of ListUserPools has no member 'Id'.",
        ),
        (
            "{PoolName: {$name: other}}",
            "{PoolNmae: {$name: other}}",
            "16: the input of CreateUserPool has no member 'PoolNmae'. Did you mean PoolName?",
        ),
        (
            "{PoolName: {$name: other}}",
            "{PoolName: {$fact: zz}}",
            "16: no resource has the fact 'zz'. There is file, quick, rows.",
        ),
        (
            "input: {UserPoolId: {$own: Id}}, each",
            "input: {UserPoolIdd: {$own: Id}}, each",
            "73: the input of ListUsers has no member 'UserPoolIdd'. Did you mean UserPoolId?",
        ),
        (
            "    operation: DeleteUserPool\n    input: {UserPoolId",
            "    operation: DeleteUserPool\n    input: {UserPoolIdd",
            "45: the input of DeleteUserPool has no member 'UserPoolIdd'. Did you mean UserPoolId?",
        ),
        (
            "    input: {UserPoolId: {$own: Id}}\nreaders:",
            "    variants:\n      odd:\n        input: {UserPoolIdd: x}\nreaders:",
            "47: the input of DeleteUserPool has no member 'UserPoolIdd'. Did you mean UserPoolId?",
        ),
        (
            "key: [Id]",
            "key: [Idd]",
            "55: what ListUserPools lists has no member 'Idd'. Did you mean Id?",
        ),
        (
            "token: NextToken",
            "token: NextTokn",
            "56: the input of ListUserPools has no member 'NextTokn'. Did you mean NextToken?",
        ),
        (
            "next: NextToken",
            "next: NextTokn",
            "57: the output of ListUserPools has no member 'NextTokn'. Did you mean NextToken?",
        ),
        (
            "undo: {operation: DeleteUserPool, input: {UserPoolId:",
            "undo: {operation: DeleteUserPool, input: {UserPoolIdd:",
            "17: the input of DeleteUserPool has no member 'UserPoolIdd'. Did you mean UserPoolId?",
        ),
        (
            "change: {Other: {PoolName: null}}",
            "change: {Other: {PoolNam: null}}",
            "24: the input of CreateUserPool has no member 'PoolNam'. Did you mean PoolName?",
        ),
        (
            "with: {UserPoolId:",
            "with: {UserPoolIdd:",
            "66: the input of DeleteUserPool has no member 'UserPoolIdd'. Did you mean UserPoolId?",
        ),
        (
            "constant: [Id]",
            "constant: [Idd]",
            "70: no answer shows a pool with a member 'Idd'. Did you mean Id?",
        ),
        # Each line says who says so.
        (
            ', doc: "api: CreateUserPool"',
            "",
            "59: each line says who says so: one of doc, observed and unknown.",
        ),
        (
            "observed: recordings}",
            "observed: recordings, doc: api}",
            "60: each line says who says so: one of doc, observed and unknown.",
        ),
        (
            "in: [old, gone], unknown: nobody says",
            "in: [old, gone], unknown: nobody says, observed: recordings",
            "64: each line says who says so: one of doc, observed and unknown.",
        ),
        (
            "values: {Name: x}, doc: api",
            "values: {Name: x}",
            "68: each line says who says so: one of doc, observed and unknown.",
        ),
        (
            "refused: NoSuch, doc: api",
            "refused: NoSuch",
            "72: each line says who says so: one of doc, observed and unknown.",
        ),
        (
            "{act: delete}], doc: api",
            "{act: delete}]",
            "75: each line says who says so: one of doc, observed and unknown.",
        ),
        # What goes together, and what doesn't.
        (
            "sum: [EstimatedNumberOfUsers, Id], is: [{$fact: rows}, 0], ",
            "sum: [EstimatedNumberOfUsers, Id], ",
            "69: a sum goes with what it is, or is at most.",
        ),
        (
            "sum: [EstimatedNumberOfUsers, Id], is: [{$fact: rows}, 0], ",
            "is: [0], ",
            "69: a sum goes with what it is, or is at most.",
        ),
        (
            "sum: [EstimatedNumberOfUsers, Id], at-most: {$fact: rows}, ",
            "at-most: 1, ",
            "70: a sum goes with what it is, or is at most.",
        ),
        (
            "{by: delete, from: [there, old], ",
            "{by: delete, after: [1, 2], from: [there, old], ",
            "62: after is the least and the most time of what happens by itself.",
        ),
        (
            "after: [6, 9.5]",
            "after: [6, 5.9]",
            "61: after is the least and the most time of what happens by itself.",
        ),
        (
            "{from: there, to: old, ",
            "{to: old, ",
            "61: a transition needs the action that it is by, or a state that it is from.",
        ),
        (
            "title: an unknown pool, ",
            "",
            "66: a refusal of other members needs a title: what is wrong with them?",
        ),
        (_DESCRIBE, "{UserPoolId: x}\n", "47: describe needs shows or lists, and not both."),
        (_LIST, f"{_LIST}    shows: UserPools\n", "51: list needs shows or lists, and not both."),
        ("    key: [Id]\n", "", "51: list lists resources, and needs a key to find one by."),
        (
            "    operation: DeleteUserPool\n    input",
            "    input",
            "43: delete needs an operation or a put, and not both.",
        ),
        (
            "    put:\n",
            "    operation: DeleteUserPool\n    put:\n",
            "34: upload needs an operation or a put, and not both.",
        ),
        ("odd: {csv: {text: odd}}", "odd: {}", "34: each variant of upload needs a csv: it is what is put."),
        ("    then: [delete]\n", "    shows: UserPool\n", "42: an upload shows nothing."),
        ("[{act: delete, times: 2},", "[{act: upload},", "75: upload is an upload, which can't be raced."),
        # What would never be told, or never begin.
        ("  gone: {absent", "  nowhere: {absent", "28: nowhere is what a resource is before it is created."),
        (
            "{by: create, to: there,",
            "{by: create, from: gone, to: there,",
            "58: no action creates the resource: one needs no from.",
        ),
        (
            "in: [old, gone], unknown",
            "in: old, unknown",
            f"34: upload in gone is {_NEITHER}",
        ),
        (
            "from: [there, old], to: gone",
            "from: [there], to: gone",
            f"43: delete in old is {_NEITHER}",
        ),
        (
            "{of: delete, in: gone,",
            "{of: delete, with: {UserPoolId: x}, title: odd, in: gone,",
            f"43: delete in gone is {_NEITHER}",
        ),
    ],
)
def test_a_mistake_is_a_line_with_its_place(old: str, new: str, message: str) -> None:
    assert POOL.count(old) == 1, "the mistake must be made in one place"
    with pytest.raises(UsageError, match=f"^{re.escape(f'pool.yaml:{message}')}$"):
        read_lifecycle(POOL.replace(old, new), "pool.yaml", load_service)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "service: cognito-idp",
            "service: cognito-ipd",
            r"3: There .* 'cognito-ipd'\. Did you mean cognito-idp\b",
        ),
        (
            "operation: ListUsers,",
            "operation: ListUsrs,",
            r"73: cognito-idp has no operation 'ListUsrs'\. Did you mean ListUsers\b",
        ),
    ],
)
def test_what_was_meant_of_what_aws_has(old: str, new: str, message: str) -> None:
    """What else is close depends on the models' release."""
    with pytest.raises(UsageError, match=f"^pool\\.yaml:{message}"):
        read_lifecycle(POOL.replace(old, new), "pool.yaml", load_service)


def test_an_upload_without_variants_has_nothing_to_put() -> None:
    start, end = POOL.index("    variants:"), POOL.index("    then:")
    text = POOL[:start] + POOL[end:]
    with pytest.raises(
        UsageError, match=r"^pool\.yaml:34: each variant of upload needs a csv: it is what is put\.$"
    ):
        read_lifecycle(text, "pool.yaml", load_service)


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        # setup, settings, states, actions, readers, transitions, refusals, documents, effects, races
        ("user-import-job.yaml", (4, 2, 8, 4, 2, 11, 13, 17, 2, 2)),
        ("user-pool.yaml", (0, 1, 2, 3, 2, 3, 2, 5, 4, 1)),
        ("user.yaml", (2, 1, 5, 8, 2, 23, 12, 4, 1, 2)),
    ],
)
def test_the_files_that_ship_are_read_completely(file: str, counts: tuple[int, ...]) -> None:
    lifecycle = read_lifecycle(dict(shipped_files())[file], file, load_service, smallest_input)
    parts = (
        lifecycle.setup,
        lifecycle.settings,
        lifecycle.states,
        lifecycle.actions,
        lifecycle.readers,
        lifecycle.transitions,
    )
    parts_after = (lifecycle.refusals, lifecycle.documents, lifecycle.effects, lifecycle.races)
    assert tuple(len(part) for part in (*parts, *parts_after)) == counts


def test_merged_mappings_and_anchors_are_what_they_stand_for() -> None:
    lifecycle = read_lifecycle(dict(shipped_files())["user.yaml"], "user.yaml", load_service, smallest_input)
    first, later = lifecycle.actions["first sign-in"].input, lifecycle.actions["sign-in"].input
    assert {**first, "AuthParameters": later["AuthParameters"]} == later
    assert first["AuthParameters"]["PASSWORD"] == {"$secret": "temporary"}
    assert later["AuthParameters"]["PASSWORD"] == {"$secret": "password"}


def test_a_step_of_the_setup_may_be_had_by_its_name() -> None:
    text = POOL.replace(
        """    operation: CreateUserPoolClient
    needs: [Other]
    input: {UserPoolId: {$from: Other.UserPool.Id}, ClientName: c}
""",
        "",
    )
    text = text.replace("  Client:\n", "  CreateUserPool:\n  CreateUserPoolClient:\n", 1)
    pool, client = read_lifecycle(text, "pool.yaml", load_service, smallest_input).setup[1:]
    assert (pool.operation, pool.undo and pool.undo.operation) == ("CreateUserPool", "DeleteUserPool")
    assert (client.operation, client.needs) == ("CreateUserPoolClient", ("CreateUserPool",))
    assert client.input["UserPoolId"] == {"$from": "CreateUserPool.UserPool.Id"}
    with pytest.raises(UsageError, match="no step before"):
        read_lifecycle(text.replace("  CreateUserPool:\n", "", 1), "pool.yaml", load_service, smallest_input)
