# SPDX-License-Identifier: Apache-2.0
"""Causes: what is one mend is one cause, in an order that puts what hurts most first, with ids that stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aws_conformance.checks import ALL_CHECKS
from aws_conformance.results.cause_rows import row_of
from aws_conformance.results.causes import Cause, causes
from aws_conformance.results.events import CaseInfo, Reported, Reproduction, Violation

CREATE = "cognito-idp:CreateUserPool"
UPDATE = "cognito-idp:UpdateUserPool"
SIGN_IN = "cognito-idp:AdminInitiateAuth"
AWS_SAYS = "ValidationException"
SENTENCE = "API reference: AdminDisableUser: a deactivated user can't sign in"


def _finding(
    check: str,
    operation: str = CREATE,
    path: str = "$.UserPool.Name",
    *,
    kind: Any = "positive",
    aws: str = "aws",
    lifecycle: str = "",
    state: str = "",
    keyword: str = "",
    title: str = "all members",
    severity: Any = "error",
    got: str = "status 200",
    **more: Any,
) -> Reported:
    violation = Violation(
        check, severity, "MODEL", operation, path, "It is so.", more.pop("expected", "a refusal"), got, **more
    )
    case = CaseInfo("c", operation, "enumerated", kind, title, lifecycle=lifecycle, state=state)
    case = replace(case, keyword=keyword)
    return Reported(violation, 2, Reproduction(aws, "", "", case, None, "", ""), (operation,))


def _accepted(keyword: str, member: str = "Name", **more: Any) -> Reported:
    check = more.pop("check", "request.invalid.accepted")
    path = f"(request /{member}: {keyword})"
    return _finding(check, path=path, cause=keyword, kind="negative", **more)


def _crash(site: str, path: str = "(request)", *, operation: str = CREATE, **more: Any) -> Reported:
    return _finding("server.crash", operation, path, got="500, no error code", site=site, **more)


def _of(*findings: Reported) -> list[tuple[str, int]]:
    return [(cause.title, cause.places) for cause in causes(findings)]


def test_a_crash_is_one_cause_wherever_it_is_met() -> None:
    site = "KeyError in cognitoidp.models.create_user"
    (cause,) = causes(
        [
            _crash(site, thrown="'Value'", cause="enum", kind="negative"),
            _crash(site, "(request /A: enum)", operation=UPDATE, thrown="'Name'", aws="a"),
        ]
    )
    assert (cause.title, cause.kind) == ("KeyError: 'Name' in create_user", "crash")
    assert (cause.places, cause.cases, cause.operations) == (2, 4, (CREATE, UPDATE))


def test_what_was_thrown_leaves_room_for_where_it_was() -> None:
    ((title, _),) = _of(_crash("ValueError in a.models.list_exports", thrown=f"'{'a' * 190}'"))
    assert title.startswith("ValueError: 'aaa")
    assert title.endswith("aaa... in list_exports")


def test_a_method_that_every_class_has_is_told_with_its_module() -> None:
    assert _of(_crash("KeyError in cognitoidp.models.__init__", thrown="'Name'")) == [
        ("KeyError: 'Name' in cognitoidp.models.__init__", 1)
    ]


@pytest.mark.parametrize(
    ("site", "other"),
    [
        ("KeyError in a.b.create", "TypeError in a.b.create"),
        ("KeyError in a.b.create", "KeyError in a.b.update"),
        ("KeyError in a.b.create", "KeyError in a.c.create"),
        ("500 no error code: unhashable type: ...", "500 no error code: ... is no list"),
    ],
)
def test_no_cause_holds_two_places(site: str, other: str) -> None:
    assert len(causes([_crash(site), _crash(other, "(request /A: type)")])) == 2


def _unchecked(site: str, expected: str, thrown: str = "", *, keyword: str = "type", **more: Any) -> Reported:
    title = f"{keyword} broken at /A: number (wanted {expected})"
    path = f"(request /{expected}: {keyword})"
    return _crash(site, path, thrown=thrown, cause=keyword, title=title, kind="negative", **more)


def test_wrong_types_that_nobody_looks_at_are_one_cause_wherever_they_surface() -> None:
    """Known by what should have been there, so that the id is the same where no log tells an exception."""
    said = "unhashable type: 'list'"
    logged = causes(
        [
            _unchecked("TypeError in a.b.create", "string", said, aws=""),
            _unchecked("TypeError in a.b.update", "string", said, operation=UPDATE),
            _unchecked("AttributeError in a.b.find", "string", "no attribute 'strip'", operation=SIGN_IN),
        ]
    )
    answered = causes([_unchecked("500 no error code", "string")])
    assert [cause.title for cause in logged] == [
        f"a wrong type for a text: TypeError: {said}; AttributeError: no attribute 'strip'"
    ]
    assert logged[0].sites == (
        "AttributeError in a.b.find",
        "TypeError in a.b.create",
        "TypeError in a.b.update",
    )
    assert logged[0].reason
    assert [cause.title for cause in answered] == ["a wrong type for a text: 500 no error code"]
    assert logged[0].id == answered[0].id


@pytest.mark.parametrize(
    ("expected", "other"),
    [("map", "structure"), ("integer", "double"), ("integer", "timestamp"), ("long", "integer")],
)
def test_types_that_documents_spell_alike_are_joined(expected: str, other: str) -> None:
    assert len(causes([_unchecked("E in a", expected, "t"), _unchecked("F in b", other, "u")])) == 1


def test_other_types_and_missing_members_are_other_causes() -> None:
    types = [_unchecked("E in a", expected, "t") for expected in ("string", "list", "blob", "boolean")]
    missing = _unchecked("E in a", "Name", "t", keyword="required")
    assert len(causes([*types, missing])) == 5


def test_what_is_no_base64_is_of_a_wrong_type() -> None:
    (cause,) = causes(
        [
            _unchecked("TypeError in a.decode", "blob", "no bytes"),
            _unchecked("Error in a.decode", "base64", "Incorrect padding", keyword="pattern"),
        ]
    )
    assert cause.title.startswith("a wrong type for bytes: ")
    assert cause.places == 2


def test_a_target_that_ends_under_a_wrong_type_is_a_cause_of_its_own() -> None:
    died = replace(_unchecked("TypeError in a.b", "list", "null"), count=1)
    died = replace(died, violation=replace(died.violation, path="(request /B: type)", got="died: it ended"))
    death, crash = causes([_unchecked("TypeError in a.b", "list", "null"), died])
    assert (death.kind, crash.kind) == ("death", "crash")


def test_missing_members_that_nobody_looks_at_are_joined() -> None:
    (cause,) = causes(
        [
            _unchecked("KeyError in a.b", "Name", "'Name'", keyword="required", aws="a"),
            _unchecked("TypeError in a.c", "Tags", "no list", keyword="required"),
        ]
    )
    assert cause.title == "a missing required member: KeyError: 'Name'; TypeError: no list"


def test_a_title_says_how_much_it_has_no_room_for() -> None:
    crashes = [
        _unchecked("E in a", "string", f"{number:02} " + "x" * 40, aws="a" * number) for number in range(9)
    ]
    crashes = [
        replace(crash, violation=replace(crash.violation, path=f"(request /{index})"))
        for index, crash in enumerate(crashes)
    ]
    (cause,) = causes(crashes)
    assert cause.title.endswith("; and 6 more")
    assert cause.title.count("E: 0") == 3
    assert len(cause.title) <= 200


def test_an_answer_without_a_word_is_no_place_that_valid_requests_share_with_wrong_ones() -> None:
    said = "500 no error code"
    assert len(causes([_crash(said), _unchecked(said, "string")])) == 2


def test_the_operation_and_the_member_that_a_crash_names_make_no_other_cause() -> None:
    (cause,) = causes(
        _crash(
            "500 E: while calling ...",
            f"(request /{member}: required)",
            operation=f"things:{operation}",
            thrown=f"while calling things.{operation}: {member} is missing",
            cause="required",
        )
        for operation, member in (("GetThing", "ThingId"), ("PutThing", "ThingName"))
    )
    assert cause.places == 2


def test_a_place_that_valid_requests_run_into_takes_what_wrong_ones_meet_there() -> None:
    """`KeyError: 'key' in tag_resource` is mended there, so it is no matter of the door."""
    site, elsewhere = "KeyError in ssm.models.tag_resource", "KeyError in ssm.models.untag_resource"
    valid = _crash(site, thrown="'key'")
    wrong = [
        _crash(place, f"(request /{name}: required)", thrown="'key'", cause="required", kind="negative")
        for place, name in ((site, "Key"), (elsewhere, "Name"))
    ]
    cause, other = causes([*wrong, valid])
    assert (cause.title, cause.places, cause.representative) == ("KeyError: 'key' in tag_resource", 2, valid)
    assert (other.sites, other.places) == ((elsewhere,), 1)
    assert cause.id == causes([valid])[0].id


def test_what_can_not_be_read_is_the_same_whichever_operation_meets_it_first() -> None:
    said = "Cannot read properties of undefined (reading '%s')"
    first, second = (
        causes(
            [_crash(f"TypeError in targets.{name}", thrown=said % name, cause="content-type", scope="target")]
        )[0]
        for name in ("createGroup", "signUp")
    )
    assert first.id == second.id
    assert first.title == f"TypeError: {said % 'createGroup'}, under all members"


def test_a_form_that_is_looked_at_too_late_is_joined() -> None:
    """Whatever was looked for first; another code for a form is another mend."""
    late = [
        _finding("error.code.form", got=code, expected=AWS_SAYS, aws=code)
        for code in ("ResourceNotFoundException", "TableNotFoundException", "SerializationException")
    ]
    assert sorted(_of(*late)) == [
        ("SerializationException where AWS answers ValidationException", 1),
        (
            f"state is looked at before the form: TableNotFoundException where AWS answers {AWS_SAYS}",
            2,
        ),
    ]


def test_a_form_that_is_looked_at_too_late_is_a_cause_whatever_it_breaks() -> None:
    late = [
        _finding("error.code.form", got="TableNotFoundException", expected=code, path=code)
        for code in (AWS_SAYS, "SerializationException")
    ]
    assert [cause.places for cause in causes(late)] == [2]


def test_what_can_not_be_read_is_a_cause_whatever_comes_of_it() -> None:
    """Told with the worst of it first."""
    title = "JSON cut off in the middle"
    results = [
        _finding("request.invalid.accepted", cause="malformed", scope="target", title=title, kind="negative"),
        _crash(
            "KeyError in a.b",
            thrown="'Items'",
            cause="malformed",
            scope="target",
            title=title,
            kind="negative",
        ),
        _finding(
            "error.code.form",
            got="TableNotFoundException",
            expected="SerializationException",
            cause="malformed TableNotFoundException",
            scope="target",
            severity="warning",
        ),
    ]
    other = _finding("request.invalid.accepted", cause="content-type", scope="target")
    cause, another = causes([*results, other])
    assert (
        cause.title
        == f"KeyError: 'Items', under {title}; a body that is not of the protocol is accepted; and 1 more"
    )
    assert (cause.kind, cause.places, another.places) == ("crash", 3, 1)
    assert cause.reason
    assert cause.id == causes(results[:1])[0].id


def test_what_a_resource_loses_is_joined_whoever_shows_it() -> None:
    """A read that lacks it and the answer that lacks it at once; another resource's is another."""
    read, changed = "oracle.read.value", "response.member.changed"
    lost = [
        _finding(read, "s:DescribeUserPool", "$.UserPool.Tier", got="nothing"),
        _finding(read, "s:DescribeUserPool", "$.UserPool.Policies.Lock", got="nothing", aws="longer"),
        _finding(changed, CREATE, "$.UserPool.Tier", got="no such member", cause="lost", severity="warning"),
        _finding(read, "s:DescribeDomain", "$.Routing", got="nothing", aws="the longest"),
    ]
    kept = _finding(read, "s:DescribeUserPool", "$.UserPool.Name", got='"another"')
    assert sorted(_of(*lost, kept)) == [
        ('DescribeUserPool at $.UserPool.Name: "another", not a refusal', 1),
        ("Domain loses Routing", 1),
        ("UserPool loses Tier; Lock", 3),
    ]


def test_where_versions_are_compared_each_lost_member_is_a_cause() -> None:
    lost = [
        _finding("oracle.read.value", "s:GetServerCertificate", f"$.{name}", got="nothing", aws=name)
        for name in ("CertificateChain", "Tags")
    ]
    before, after = causes(lost, apart=True), causes(lost[1:], apart=True)
    assert {cause.title for cause in before} == {
        "ServerCertificate loses CertificateChain",
        "ServerCertificate loses Tags",
    }
    assert [cause.id for cause in after] == [cause.id for cause in before if cause.title.endswith("Tags")]
    assert len(causes(lost)) == 1


def test_pages_of_a_list_are_joined() -> None:
    pages = [
        _finding(f"oracle.page.{check}", operation, "$.Users")
        for check, operation in (("limit", CREATE), ("token", CREATE), ("limit", UPDATE))
    ]
    assert sorted(cause.places for cause in causes(pages)) == [1, 2]


def test_what_is_expected_to_be_no_more_needs_no_second_no() -> None:
    page = _finding("oracle.page.limit", path="$.Users", got="3 elements", expected="no more than 1 (Limit)")
    assert _of(page) == [("CreateUserPool at $.Users: 3 elements, expected no more than 1 (Limit)", 1)]


def test_an_arn_is_a_cause_whatever_part_of_it_is_wrong() -> None:
    parts = [_finding("oracle.arn", expected=part, cause=part) for part in ("a region", "an account")]
    assert len(causes(parts)) == 1


def test_members_that_are_absent_are_named() -> None:
    absent = [_finding("response.member.absent", path=f"$.Table.{name}", aws=name) for name in ("A", "BB")]
    assert _of(*absent) == [("members that AWS always sends are absent: A; BB", 2)]


def test_an_arn_is_the_same_cause_whoever_shows_it() -> None:
    arns = [
        _finding("oracle.arn", operation, "$.UserPool.Arn", expected="an account of 12 digits", aws=operation)
        for operation in (CREATE, UPDATE)
    ]
    assert [places for _, places in _of(*arns)] == [2]


def test_what_lies_between_two_things_has_the_same_cause_whichever_side_shows_it() -> None:
    lost = [
        _finding(
            "oracle.association.outlived", operation, f"$.{member}", cause=cause, got="it", expected="nothing"
        )
        for operation, member, cause in (
            (CREATE, "Groups", "after RemoveUser"),
            (UPDATE, "Users", "after RemoveUser"),
            (UPDATE, "Users", "after B"),
        )
    ]
    titles = _of(*lost)
    assert [places for _, places in titles] == [2, 1]
    assert titles[0][0].startswith("after RemoveUser: ")


@pytest.mark.parametrize("check", ["oracle.delete.changed", "oracle.delete.used"])
def test_what_is_changed_after_its_deletion_is_one_cause_whatever_changes_it(check: str) -> None:
    late = [
        _finding(check, operation, "(answer)", cause=cause)
        for operation, cause in (
            (CREATE, "after DeletePool"),
            (UPDATE, "after DeletePool"),
            (UPDATE, "after B"),
        )
    ]
    assert [places for _, places in _of(*late)] == [2, 1]


def test_a_crash_of_an_older_report_is_known_by_what_was_said() -> None:
    body = r'500, InternalError: "{\"__type\": \"InternalError\", \"message\": \"unhashable type: %s\"}"'
    old = [
        _finding("server.crash", path=f"(request /{aws}: type)", got=body % value, aws=aws)
        for aws, value in (("A", "'list'"), ("BB", "'dict'"))
    ]
    assert _of(*old) == [("500, InternalError: unhashable type: 'list'", 2)]


def test_a_constraint_that_is_not_enforced_is_known_by_its_keyword() -> None:
    """Whether AWS's own refusal is on record tells nothing of the target, so both checks are one cause."""
    patterns = [_accepted("pattern", name) for name in ("A", "B", "C")]
    tolerated = _accepted("pattern", "D", check="request.invalid.tolerated", severity="warning")
    (cause, *others) = causes([*patterns, tolerated, _accepted("maxLength")])[::-1]
    assert (cause.title, cause.places, cause.severity) == ("patterns are not enforced", 4, "error")
    assert cause.checks == ("request.invalid.accepted", "request.invalid.tolerated")
    assert cause.reason
    assert [other.title for other in others] == ["texts that are too long are accepted"]


def test_a_documented_sentence_that_histories_break_is_one_cause() -> None:
    sign_ins = [
        _finding(
            "lifecycle.refusal",
            SIGN_IN,
            f"({action} in {state})",
            expected=f"a refusal ({SENTENCE})",
            cause=f"{action} in {state}",
            lifecycle="user",
            state=state,
            kind="forbidden",
            aws=aws,
        )
        for action, state, aws in (
            ("first sign-in", "invited and disabled", "longer"),
            ("sign-in", "confirmed and disabled", "aws"),
        )
    ]
    assert _of(*sign_ins) == [("sign-in of a confirmed and disabled user is accepted", 2)]


def test_what_comes_where_a_document_should_says_after_which_wrong_request() -> None:
    check, title = "response.body.malformed", "no X-Amz-Target"
    odd = [
        _finding(check, got=got, expected="JSON", kind="negative", title=title, path=got)
        for got in ("an empty body", '"<!doctype html>"')
    ]
    assert sorted(_of(*odd, _finding(check, got="an empty body", expected="JSON"))) == [
        ("a body is no JSON: an empty body", 1),
        (f"a body is no JSON: an empty body, under {title}", 1),
        (f"a web page comes where a document should, under {title}", 1),
    ]


def test_bytes_that_no_parser_takes_are_a_cause_whatever_document_they_begin() -> None:
    wrong = "not well-formed (invalid token) at line 1, column %d: <%sResponse xmlns="
    odd = [
        _finding("response.body.malformed", got=wrong % place, expected="XML", kind="negative", path=place[1])
        for place in ((816, "AssumeRoleWithWebIdentity"), (791, "AssumeRole"))
    ]
    assert [cause.places for cause in causes(odd)] == [2]


def test_a_refusal_that_repeats_the_request_is_a_cause_whatever_that_was() -> None:
    """The document may be cut anywhere, for a text is no longer than can be read."""
    said = "SerializationException: Could not decode JSON: "
    documents = ('{ "Data" : "" }', '{\n  "StreamName" : "run51", "StreamARN" : "arn:aws:kin')
    refused = [
        _finding("request.valid.refused", got=f"{said}{document}", path=document, expected="a success")
        for document in documents
    ]
    assert [cause.places for cause in causes(refused)] == [2]


def test_bytes_of_one_serializer_are_one_cause() -> None:
    check = "response.timestamp.form"
    places = [
        _finding(check, operation, path, got='"2026-11-23"', aws=operation)
        for operation, path in ((CREATE, "$.UserPool.CreationDate"), (SIGN_IN, "$.Session.LastModifiedDate"))
    ]
    assert _of(*places) == [("timestamps are text, clients fail: CreationDate", 2)]


def test_members_are_told_apart_by_their_name_and_not_by_who_shows_them() -> None:
    check = "response.member.required"
    shown = [
        _finding(check, CREATE, "$.UserPool.Id"),
        _finding(check, UPDATE, "$.Users[*].Pools[*].Id"),
        _finding(check, UPDATE, "$.UserPool.Name"),
    ]
    assert sorted(places for _, places in _of(*shown)) == [1, 2]


def test_what_hurts_most_stands_first() -> None:
    findings = [
        _accepted("malformed", scope="target"),
        _accepted("pattern"),
        _accepted("maxLength"),
        _accepted("required"),
        _finding("error.code.recorded", got="A", expected="B"),
        _crash("KeyError in a.b", kind="negative"),
        _finding("response.body.type", got="1.5", expected="text"),
        _finding("request.valid.refused", got="ValidationException: no"),
        _crash("KeyError in a.c"),
        _finding("lifecycle.stuck", cause="Pending", lifecycle="user-import-job"),
        _finding("server.crash", got="died: it ended", cause="died", site="died"),
        _finding("response.timestamp.form", got='"x"', severity="warning"),
    ]
    ranked = causes(findings)
    assert [cause.representative for cause in ranked] == [
        *(findings[index] for index in (10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)),
        findings[11],
    ]


def test_the_representative_is_what_is_seen_again_most_easily() -> None:
    """A request that users send comes before a shorter one that they don't."""
    odd, valid = _crash("E in f", kind="negative", aws="a"), _crash("E in f", "(request /B)", aws="longer")
    (cause,) = causes([odd, valid])
    assert cause.representative == valid
    assert cause.findings == (odd.violation.id, valid.violation.id)


def test_a_crash_of_a_list_is_represented_by_what_makes_its_elements_where_anything_is() -> None:
    """A list of nothing does not crash on a target that starts afresh."""
    site = "KeyError in a.owner"
    listed = _crash(site, operation="s:ListSecrets", aws="a")
    described = _crash(site, operation="s:DescribeSecret", aws="a longer one")
    described = replace(described, reproduction=replace(described.reproduction, steps=("CreateSecret",)))
    (cause,) = causes([listed, described])
    assert cause.representative == described
    assert causes([listed])[0].representative == listed


def test_ids_depend_on_the_fault_alone() -> None:
    """Another run, another version: other places, other values, other operations, and the same id."""
    before = causes([_crash("KeyError in a.b", thrown="'x'"), _accepted("pattern", "A")])
    after = causes([_accepted("pattern", "B", operation=UPDATE), _crash("KeyError in a.b", "(request /C)")])
    assert [cause.id for cause in before] == [cause.id for cause in after]
    assert [cause.id for cause in before] == ["2a965946", "1ea6a80e"]


def test_the_order_does_not_depend_on_the_order_of_findings() -> None:
    findings = [_accepted(keyword) for keyword in ("minLength", "maxLength", "minItems", "maxItems", "enum")]
    assert causes(findings) == causes(findings[::-1])


def test_what_a_baseline_excuses_is_counted() -> None:
    excused = replace(_accepted("pattern"), baseline="since ever")
    (cause,) = causes([excused, _accepted("pattern", "B")])
    assert (cause.places, cause.known) == (2, 1)


@pytest.mark.parametrize("check", sorted(ALL_CHECKS))
def test_each_check_has_a_title_without_loose_ends(check: str) -> None:
    (cause,) = causes([_finding(check, got='"x"', cause="a in b", thrown="t")])
    assert isinstance(cause, Cause)
    assert cause.title == cause.title.strip()
    assert not cause.title.endswith(":")
    assert len(cause.title) <= 200


def test_who_joins_checks_or_kinds_says_why() -> None:
    joining = {row_of(_finding(check)) for check in ALL_CHECKS}
    for row in joining:
        ids = {row.key(_finding(check)) for check in ALL_CHECKS if row_of(_finding(check)) == row}
        checks = [check for check in ALL_CHECKS if row_of(_finding(check)) == row]
        assert row.reason or len(ids) == len(checks), f"{checks} are one cause without a reason"


def test_wrappers_named_after_their_operations_are_one_cause() -> None:
    wrappers = [
        _finding(
            "response.member.unknown",
            f"iam:{operation}",
            f"$.{operation}Result",
            got=f'{operation}Result: ""',
            severity="warning",
        )
        for operation in ("TagUser", "TagRole", "DeleteUser")
    ]
    other = _finding("response.member.unknown", "iam:TagUser", "$.Extra", got='Extra: ""', severity="warning")
    first, second = causes([*wrappers, other])
    assert {first.places, second.places} == {1, 3}
    titles = {first.title.rpartition(": ")[2], second.title.rpartition(": ")[2]}
    assert titles == {"<operation>Result", "Extra"}
