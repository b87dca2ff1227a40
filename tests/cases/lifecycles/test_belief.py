# SPDX-License-Identifier: Apache-2.0
"""What is believed of a resource: where it may come by itself, what its lifecycle says of an action.

The lifecycles are those that ship, so these tables are their promises as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aws_conformance.cases.lifecycles.belief import Rules
from aws_conformance.cases.lifecycles.model import NOWHERE, Citation, Lifecycle, RefusalRule, Transition
from aws_conformance.cases.lifecycles.predicates import Scene
from aws_conformance.cases.lifecycles.registry import lifecycles_of

_LIFE = {lifecycle.name: lifecycle for lifecycle in lifecycles_of("cognito-idp")}
JOB = Rules(_LIFE["user-import-job"])
POOL = Rules(_LIFE["user-pool"])
USER = Rules(_LIFE["user"])

GOOD: dict[str, Any] = {"file": "good", "verifies": True, "rows": 2}
NO_FILE: dict[str, Any] = {"file": "none", "verifies": True, "rows": 0}
ALL = set(_LIFE["user-import-job"].states)


def _states(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _others(*each: str) -> tuple[frozenset[str], ...]:
    return tuple(_states(lifecycle) for lifecycle in each)


# Where a resource comes by itself.


@pytest.mark.parametrize(
    ("believed", "soon", "after_hours"),
    [
        ("Created", "Created", "Created Expired"),
        ("Pending", "Pending InProgress Failed Succeeded", ""),
        ("InProgress", "InProgress Failed Succeeded", ""),
        ("Stopping", "Stopping Stopped", ""),
        ("Expired", "Expired", ""),
        ("Stopped", "Stopped", ""),
        ("Failed", "Failed", ""),
        ("Succeeded", "Succeeded", ""),
        ("Created Stopping", "Created Stopping Stopped", "Created Expired Stopping Stopped"),
        ("", "", ""),
    ],
)
def test_closure(believed: str, soon: str, after_hours: str) -> None:
    before, scene = _states(believed), Scene(GOOD)
    assert JOB.closure(before, scene) == _states(soon)
    assert JOB.closure(before, scene, timed=True) == _states(after_hours or soon)


@pytest.mark.parametrize(
    ("file", "from_pending"),
    [
        ("good", "Pending InProgress Failed Succeeded"),
        ("mixed", "Pending InProgress Failed Succeeded"),
        ("failing", "Pending InProgress Failed Succeeded"),
        ("odd", "Pending InProgress Failed Succeeded"),
        # What can't be parsed never succeeds; neither does what is not there.
        ("bad", "Pending InProgress Failed"),
        ("none", "Pending InProgress Failed"),
    ],
)
def test_what_happens_by_itself_depends_on_the_facts(file: str, from_pending: str) -> None:
    scene = Scene({**GOOD, "file": file})
    assert JOB.closure({"Pending"}, scene) == _states(from_pending)
    ends = {line.to for line in JOB.moves("InProgress", scene)}
    assert ends == ({("Succeeded",), ("Failed",)} if "Succeeded" in from_pending else {("Failed",)})


def test_what_takes_hours_is_a_move_only_where_asked_for() -> None:
    assert JOB.moves("Created", Scene(GOOD)) == ()
    (line,) = JOB.moves("Created", Scene(GOOD), timed=True)
    assert (line.to, line.after) == (("Expired",), (86400, 172800))


@pytest.mark.parametrize(
    ("rules", "state", "rests", "ends"),
    [
        (JOB, "Created", True, False),
        (JOB, "Pending", False, False),
        (JOB, "InProgress", False, False),
        (JOB, "Stopping", False, False),
        (JOB, "Expired", True, True),
        (JOB, "Stopped", True, True),
        (JOB, "Failed", True, True),
        (JOB, "Succeeded", True, True),
        (POOL, "there", True, False),
        (POOL, "gone", True, True),
        (USER, "invited", True, False),
        (USER, "confirmed and disabled", True, False),
        (USER, "gone", True, True),
    ],
)
def test_which_states_rest_and_which_end(rules: Rules, state: str, rests: bool, ends: bool) -> None:
    assert (rules.rests(state), rules.ends(state)) == (rests, ends)


# What an action leads to.


@pytest.mark.parametrize(
    ("action", "believed", "facts", "after"),
    [
        ("create", NOWHERE, NO_FILE, "Created"),
        ("upload", "Created", NO_FILE, "Created"),
        ("start", "Created", GOOD, "Pending"),
        ("start", "Created", NO_FILE, ""),
        ("start", "Created", {**GOOD, "verifies": False}, ""),
        ("start", "Pending", GOOD, ""),
        # From wherever it is possible; the rest is ruled out by its success.
        ("start", "Created Expired Pending", GOOD, "Pending"),
        ("stop", "Pending", GOOD, "Stopped Stopping"),
        ("stop", "InProgress", GOOD, "Stopped Stopping"),
        ("stop", "Pending InProgress Failed Succeeded", GOOD, "Stopped Stopping"),
        ("stop", "Failed Succeeded", GOOD, ""),
        ("stop", "Created", GOOD, ""),
        ("upload", "Stopped", GOOD, ""),
    ],
)
def test_after_an_action_was_accepted(action: str, believed: str, facts: dict[str, Any], after: str) -> None:
    assert JOB.after(action, _states(believed), Scene(facts)) == _states(after)


def test_what_another_job_may_prevent_may_have_happened_too() -> None:
    for others, after in (
        (_others("Pending"), ""),
        (_others("Created Pending"), "Pending"),
        (_others("Created"), "Pending"),
    ):
        assert JOB.after("start", {"Created"}, Scene(GOOD, others)) == _states(after)


# What the lifecycle says: (verdict, whether somebody says so, codes on record).
_LEGAL = ("legal", True, ())
_FORBIDDEN = ("forbidden", True, ())
_LIKELY = ("forbidden", False, ())
_NO_FILE = ("forbidden", True, ("PreconditionNotMetException",))
_OPEN = ("open", False, ())

RULINGS = [
    # state, start without a file, start with one, stop, upload
    ("Created", _NO_FILE, _LEGAL, _LIKELY, _LEGAL),
    ("Pending", _LIKELY, _LIKELY, _LEGAL, _LIKELY),
    ("InProgress", _LIKELY, _LIKELY, _LEGAL, _LIKELY),
    ("Stopping", _LIKELY, _LIKELY, _LIKELY, _LIKELY),
    ("Expired", _FORBIDDEN, _FORBIDDEN, _LIKELY, _LIKELY),
    ("Stopped", _FORBIDDEN, _FORBIDDEN, _LIKELY, _LIKELY),
    ("Failed", _LIKELY, _LIKELY, _LIKELY, _LIKELY),
    ("Succeeded", _LIKELY, _LIKELY, _LIKELY, _LIKELY),
]


def _ruled(rules: Rules, action: str, states: str, scene: Scene) -> tuple[str, bool, tuple[str, ...]]:
    """What is said of an action in some states; in a single one both ways of asking say the same."""
    believed = frozenset(states.split("/"))
    permission = rules.ruling(action, believed, scene)
    if len(believed) == 1:
        assert permission == rules.in_state(action, states, scene)
    return permission.verdict, permission.known, permission.codes


def test_the_table_has_every_state_of_a_job() -> None:
    assert [row[0] for row in RULINGS] == list(_LIFE["user-import-job"].states)
    assert len(RULINGS) == 8


@pytest.mark.parametrize(
    ("state", "without", "start", "stop", "upload"), RULINGS, ids=lambda lifecycle: str(lifecycle)
)
def test_rulings_of_a_job(
    state: str,
    without: tuple[Any, ...],
    start: tuple[Any, ...],
    stop: tuple[Any, ...],
    upload: tuple[Any, ...],
) -> None:
    assert _ruled(JOB, "start", state, Scene(NO_FILE)) == without
    assert _ruled(JOB, "start", state, Scene(GOOD)) == start
    for facts in (NO_FILE, GOOD):
        assert _ruled(JOB, "stop", state, Scene(facts)) == stop
        assert _ruled(JOB, "upload", state, Scene(facts)) == upload


@pytest.mark.parametrize(
    ("facts", "others", "ruled"),
    [
        (GOOD, (), _LEGAL),
        (GOOD, _others("Created", "Stopped Expired"), _LEGAL),
        (GOOD, _others("Pending"), _FORBIDDEN),
        (GOOD, _others("Pending InProgress"), _FORBIDDEN),
        (GOOD, _others("Created", "InProgress"), _FORBIDDEN),
        # It may be through by now.
        (GOOD, _others("InProgress Succeeded"), _OPEN),
        # Not active any more, and not at rest: no line is about it.
        (GOOD, _others("Stopping"), _OPEN),
        ({**GOOD, "verifies": False}, (), _FORBIDDEN),
        ({**GOOD, "verifies": False}, _others("InProgress Succeeded"), _FORBIDDEN),
        ({**GOOD, "file": "bad"}, (), _LEGAL),
        ({**NO_FILE, "verifies": False}, (), _NO_FILE),
    ],
)
def test_rulings_of_a_start_by_facts_and_other_jobs(
    facts: dict[str, Any], others: tuple[frozenset[str], ...], ruled: tuple[Any, ...]
) -> None:
    assert _ruled(JOB, "start", "Created", Scene(facts, others)) == ruled


@pytest.mark.parametrize(
    ("action", "states", "facts", "ruled"),
    [
        # All agree.
        ("stop", "Pending/InProgress", GOOD, _LEGAL),
        ("start", "Stopped/Expired", GOOD, _FORBIDDEN),
        # All forbid, but not all are known to: no more is known of them together.
        ("start", "Stopped/Stopping", GOOD, _LIKELY),
        ("start", "Created/Expired", NO_FILE, ("forbidden", True, ())),
        # They differ.
        ("stop", "Pending/Failed", GOOD, _OPEN),
        ("start", "Created/Expired", GOOD, _OPEN),
    ],
)
def test_rulings_where_it_is_not_known_which_state(
    action: str, states: str, facts: dict[str, Any], ruled: tuple[Any, ...]
) -> None:
    assert _ruled(JOB, action, states, Scene(facts)) == ruled


def test_a_ruling_names_the_line_that_says_it() -> None:
    sources = {
        "Created": 'Amazon Cognito developer guide, "Importing users into user pools from a CSV file": '
        "one import job at a time can be active for an account",
        "Stopped": "Amazon Cognito user pools API reference: UserImportJobType, Status: "
        "a stopped job can't be started again",
        "Failed": "no recording of a job that is started twice",
    }
    for state, text in sources.items():
        source = JOB.in_state("start", state, Scene(GOOD, _others("Pending"))).source
        assert source is not None
        assert source.text == text
    legal = JOB.in_state("start", "Created", Scene(GOOD)).source
    assert legal is not None
    assert (legal.text, legal.provenance) == (
        "published recordings of the service's answers: the answer of StartUserImportJob",
        "OBSERVED",
    )
    assert JOB.in_state("start", "Created", Scene(GOOD, _others("Stopping"))).source is None


_ASSUMED = Citation("nobody says", "DOC", known=False)
_OBSERVED = Citation("somebody says", "OBSERVED")


@pytest.mark.parametrize(
    ("lines", "ruled", "source"),
    [
        # Who is known to say it is asked first, wherever the line stands.
        ([("", _ASSUMED), ("", _OBSERVED)], _FORBIDDEN, _OBSERVED),
        ([("", _OBSERVED), ("", _ASSUMED)], _FORBIDDEN, _OBSERVED),
        ([("", _ASSUMED)], _LIKELY, _ASSUMED),
        # A code is on record where all lines have the same.
        ([("A", _OBSERVED), ("A", _OBSERVED)], ("forbidden", True, ("A",)), _OBSERVED),
        ([("A", _OBSERVED), ("B", _OBSERVED)], _FORBIDDEN, _OBSERVED),
        ([("A", _OBSERVED), ("", _OBSERVED)], _FORBIDDEN, _OBSERVED),
        # No line at all.
        ([], _OPEN, None),
    ],
)
def test_several_lines_that_forbid(
    lines: list[tuple[str, Citation]], ruled: tuple[Any, ...], source: Citation | None
) -> None:
    refusals = tuple(RefusalRule("stop", ("Failed",), (), said, code) for code, said in lines)
    rules = Rules(replace(_LIFE["user-import-job"], refusals=refusals))
    assert _ruled(rules, "stop", "Failed", Scene(GOOD)) == ruled
    assert rules.in_state("stop", "Failed", Scene(GOOD)).source == source


def test_what_only_comes_back_to_a_state_does_not_lead_out_of_it() -> None:
    life = _LIFE["user-import-job"]
    again = Transition("upload", "Failed", ("Failed",), (), _OBSERVED)
    assert Rules(replace(life, transitions=(*life.transitions, again))).ends("Failed")
    retry = Transition("start", "Failed", ("Pending",), (), _OBSERVED)
    assert not Rules(replace(life, transitions=(*life.transitions, retry))).ends("Failed")


_EXISTS = ("forbidden", True, ("UsernameExistsException",))
_GONE = ("forbidden", True, ("UserNotFoundException",))

USERS = {
    # What nobody says may go either way: a disabled user who is updated, an enabled one who is enabled.
    "create": (_EXISTS, _EXISTS, _EXISTS, _EXISTS, _OPEN),
    "update": (_LEGAL, _OPEN, _LEGAL, _OPEN, _GONE),
    "set password": (_LEGAL, _OPEN, _LEGAL, _OPEN, _GONE),
    "disable": (_LEGAL, _OPEN, _LEGAL, _OPEN, _GONE),
    "enable": (_OPEN, _LEGAL, _OPEN, _LEGAL, _GONE),
    "first sign-in": (_LEGAL, _FORBIDDEN, _FORBIDDEN, _FORBIDDEN, _FORBIDDEN),
    "sign-in": (_FORBIDDEN, _FORBIDDEN, _LEGAL, _FORBIDDEN, _FORBIDDEN),
    "delete": (_LEGAL, _LEGAL, _LEGAL, _LEGAL, _GONE),
}


@pytest.mark.parametrize("action", _LIFE["user"].actions)
def test_rulings_of_a_user(action: str) -> None:
    states = ["invited", "invited and disabled", "confirmed", "confirmed and disabled", "gone"]
    assert states == list(_LIFE["user"].states)
    scene = Scene({"nickname": "none"})
    assert tuple(_ruled(USER, action, state, scene) for state in states) == USERS[action]


def test_a_line_of_unknown_source_says_of_itself_why() -> None:
    permission = USER.in_state("disable", "invited and disabled", Scene({}))
    assert permission.source is not None
    assert (permission.verdict, permission.source.known) == ("open", False)
    assert permission.source.text == "whether a user may be disabled twice"


# Which states explain an answer.


@pytest.mark.parametrize(
    ("action", "accepted", "believed", "facts", "after"),
    [
        ("start", True, "Created", GOOD, "Pending"),
        # What is legal is accepted.
        ("start", False, "Created", GOOD, ""),
        ("start", False, "Created", NO_FILE, "Created"),
        ("start", True, "Created", NO_FILE, ""),
        ("start", False, "Pending", GOOD, "Pending InProgress Failed Succeeded"),
        ("start", False, "Created Pending", GOOD, "Pending InProgress Failed Succeeded"),
        # It was refused, so the job is through.
        ("stop", False, "Pending", GOOD, "Failed Succeeded"),
        ("stop", False, "InProgress", {**GOOD, "file": "bad"}, "Failed"),
        ("stop", True, "Pending", GOOD, "Stopped Stopping"),
        ("stop", False, "Stopping", GOOD, "Stopping Stopped"),
        ("upload", False, "Created", GOOD, ""),
        ("upload", False, "Succeeded", GOOD, "Succeeded"),
    ],
)
def test_explains(action: str, accepted: bool, believed: str, facts: dict[str, Any], after: str) -> None:
    assert JOB.explains(action, accepted, _states(believed), Scene(facts)) == _states(after)


@pytest.mark.parametrize("accepted", [True, False])
def test_what_is_open_is_explained_either_way(accepted: bool) -> None:
    after = USER.explains("disable", accepted, frozenset({"invited and disabled"}), Scene({}))
    assert after == {"invited and disabled"}
    active = Scene(GOOD, _others("Created Pending"))
    assert JOB.explains("start", accepted, _states("Created"), active) == _states(
        "Pending" if accepted else "Created"
    )


# What documents show.


@pytest.mark.parametrize("state", sorted(ALL))
def test_a_job_is_recognised_by_its_status(state: str) -> None:
    assert JOB.recognised({"Status": state, "JobId": "x"}) == state


@pytest.mark.parametrize(
    ("rules", "document", "state"),
    [
        (JOB, {"Status": "created"}, None),
        (JOB, {"Status": None}, None),
        (JOB, {}, None),
        (USER, {"UserStatus": "CONFIRMED", "Enabled": True}, "confirmed"),
        (USER, {"UserStatus": "CONFIRMED", "Enabled": False}, "confirmed and disabled"),
        (USER, {"UserStatus": "FORCE_CHANGE_PASSWORD", "Enabled": False}, "invited and disabled"),
        (USER, {"UserStatus": "CONFIRMED"}, None),
        (USER, {"UserStatus": "UNCONFIRMED", "Enabled": True}, None),
        # A pool has no status: whatever is shown is there.
        (POOL, {"Id": "x"}, "there"),
        (POOL, {}, "there"),
    ],
)
def test_recognised(rules: Rules, document: dict[str, Any], state: str | None) -> None:
    assert rules.recognised(document) == state


@pytest.mark.parametrize(
    ("rules", "gone", "code"),
    [
        (POOL, "gone", "ResourceNotFoundException"),
        (USER, "gone", "UserNotFoundException"),
        (JOB, None, "ResourceNotFoundException"),
    ],
)
def test_absent(rules: Rules, gone: str | None, code: str) -> None:
    assert rules.gone == gone
    assert rules.absent(code) == gone
    assert rules.absent("NotAuthorizedException") is None
    assert rules.absent("") is None


def _shown(rules: Rules, state: str, shown_by: str, **facts: Any) -> set[str]:
    """What the lines ask of an answer, in short: members that are there (+), are not (-), values and sums."""
    names: set[str] = set()
    for line in rules.documented(state, Scene(facts), shown_by):
        names |= {f"+{name}" for name in line.has} | {f"-{name}" for name in line.lacks}
        names |= {f"{name}={value}" for name, value in {**line.values, **line.counts}.items()}
        names |= {f"sum {'<=' if line.at_most else '=='} {list(line.totals)}"} if line.sums else set()
    return names


_ALWAYS = {
    *("+JobName", "+JobId", "+UserPoolId", "+PreSignedUrl", "+CreationDate", "+Status"),
    *("+CloudWatchLogsRoleArn", "+ImportedUsers", "+SkippedUsers", "+FailedUsers"),
}
_ZEROS = {"ImportedUsers=0", "SkippedUsers=0", "FailedUsers=0"}
_COUNTED = {
    *("ImportedUsers={'$fact': 'imported'}", "SkippedUsers={'$fact': 'skipped'}"),
    "FailedUsers={'$fact': 'failed'}",
}
_THROUGH = {"+StartDate", "+CompletionDate", "+CompletionMessage"}
_MOST = "sum <= [{'$fact': 'rows'}]"


@pytest.mark.parametrize(
    ("state", "file", "asked"),
    [
        ("Created", "none", {"-StartDate", "-CompletionDate", "-CompletionMessage"} | _ZEROS),
        ("Pending", "good", {"+StartDate", "-CompletionDate", "-CompletionMessage", _MOST}),
        ("InProgress", "good", {_MOST}),
        ("Stopping", "good", {_MOST}),
        (
            "Stopped",
            "good",
            _THROUGH | {_MOST, "CompletionMessage=The Import Job was stopped by the developer."},
        ),
        (
            "Expired",
            "none",
            {"+CompletionDate", "+CompletionMessage", "-StartDate"}
            | _ZEROS
            | {"CompletionMessage=The user import job has expired."},
        ),
        ("Failed", "bad", _THROUGH | {"sum == [{'$fact': 'rows'}, 0]"}),
        (
            "Succeeded",
            "mixed",
            _THROUGH
            | _COUNTED
            | {"sum == [{'$fact': 'rows'}]", "CompletionMessage=Import Job Completed Successfully."},
        ),
        # How an odd file is counted nobody says.
        (
            "Succeeded",
            "odd",
            _THROUGH | {"sum == [{'$fact': 'rows'}]", "CompletionMessage=Import Job Completed Successfully."},
        ),
    ],
)
def test_what_a_job_shows_by_its_state(state: str, file: str, asked: set[str]) -> None:
    for reader in ("describe", "list", "start"):
        assert _shown(JOB, state, reader, file=file) == _ALWAYS | asked


def test_what_is_shown_depends_on_who_shows_it() -> None:
    def constant(shown_by: str) -> list[str]:
        lines = POOL.documented("there", Scene({}), shown_by)
        return [name for line in lines for name in line.constant]

    assert constant("describe") == ["Id", "Name", "CreationDate", "Arn"]
    assert constant("create") == ["Id", "Name", "CreationDate", "Arn"]
    assert constant("list") == ["Id", "Name", "CreationDate"]
    # Lines of some states say nothing of others, nor of none.
    assert POOL.documented("gone", Scene({}), "describe") == ()
    assert POOL.documented(None, Scene({}), "describe") == ()


def _named(life: Lifecycle) -> tuple[str, ...]:
    return Rules(life).creators()


def test_creators() -> None:
    assert {name: _named(life) for name, life in _LIFE.items()} == {
        "user-import-job": ("create",),
        "user-pool": ("create",),
        "user": ("create",),
    }
