# SPDX-License-Identifier: Apache-2.0
"""The gate: what a baseline covers, what fails although it is there, and a file that keeps its comments.

Runs are of a miniature that is wrong in one way behind an address that stays, and of what it was made from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import yaml
from tests.switchable import DESCRIBE, HEADER, Switch, conforming, events_of, findings, footer, miniature
from tests.switchable import switchable as _switchable

from aws_conformance.cli import main
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.errors import UsageError
from aws_conformance.http import Request, Response
from aws_conformance.results.baseline import judge, known_from
from aws_conformance.results.baseline_yaml import (
    EMPTY,
    baseline_schema,
    edited,
    parse_baseline,
    read_baseline,
)
from aws_conformance.results.events import CaseInfo, Event, Reported, Reproduction, Violation
from aws_conformance.results.known import Baseline, Known, names_target
from aws_conformance.spec.schema.write import dump_schema

SCHEMA_FILE = Path(__file__).parents[2] / "schemas" / "baseline.json"
WRONG = "counter-as-text"
TYPE = "response.body.type"


@pytest.fixture
def target() -> Iterator[Switch]:
    with _switchable(miniature(WRONG)) as switch:
        yield switch


def _plan(target: Switch, baseline: Baseline | None = None, **changes: object) -> Plan:
    plan = Plan((DESCRIBE,), UrlTarget(target.url), max_examples=0, baseline=baseline)
    return replace(plan, **changes)  # type: ignore[arg-type]


def _entry(events: list[Event], url: str, **changes: object) -> Known:
    finding = next(finding for finding in findings(events) if finding.violation.check == TYPE)
    known = known_from(finding.violation, target=url, reason="known", cases=finding.cases[:3])
    return replace(known, **changes)  # type: ignore[arg-type]


def _grave(events: list[Event]) -> list[Reported]:
    return [finding for finding in findings(events) if finding.violation.severity == "error"]


def test_a_violation_that_an_entry_covers_does_not_fail_the_run_and_is_reported(
    target: Switch,
) -> None:
    first = events_of(_plan(target))
    assert footer(first).exit == 1
    entry = _entry(first, target.url)
    assert entry.cases, "an enumerated case must have shown it"
    second = events_of(_plan(target, Baseline((entry,))))
    assert footer(second).exit == 0
    assert [finding.baseline for finding in _grave(second)] == ["known"]
    assert any("1 violation in the baseline" in reason for reason in footer(second).reasons)


@pytest.mark.parametrize(
    "change",
    [
        {"target": "http://192.0.2.1:1"},
        {"operation": HEADER},
        {"check": "response.null.member"},
        {"place": "$.UserImportJob.SkippedUsers"},
        {"cause": "else"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_entry_covers_a_single_violation(target: Switch, change: dict[str, str]) -> None:
    entry = _entry(events_of(_plan(target)), target.url, cases=(), **change)
    assert footer(events_of(_plan(target, Baseline((entry,))))).exit == 1


def test_an_expired_entry_no_longer_covers_and_says_so_in_a_single_line(target: Switch) -> None:
    first = events_of(_plan(target))
    on_the_day = _entry(first, target.url, expires="2999-01-01")
    assert footer(events_of(_plan(target, Baseline((on_the_day,))))).exit == 0
    late = _entry(first, target.url, expires="2020-01-01", line=7)
    finished = footer(events_of(_plan(target, Baseline((late,), source="known.yaml"))))
    assert finished.exit == 1
    reasons = [reason for reason in finished.reasons if "expired" in reason]
    place = f"{DESCRIBE} {TYPE} at $.UserImportJob.ImportedUsers"
    assert reasons == [f"known.yaml:7: expired on 2020-01-01 and no longer covers {place}"]


def test_an_entry_is_stale_once_its_cases_were_verified(target: Switch) -> None:
    entry = _entry(events_of(_plan(target)), target.url)
    target.handler = conforming(DESCRIBE)
    finished = footer(events_of(_plan(target, Baseline((entry,)))))
    assert finished.exit == 1
    assert len(finished.complaints) == 1
    assert "stale" in finished.complaints[0]


def test_an_entry_whose_cases_say_nothing_is_not_stale(target: Switch) -> None:
    entry = _entry(events_of(_plan(target)), target.url)
    target.handler = conforming(DESCRIBE)
    baseline = Baseline((entry,))
    # The phase that has its cases did not run.
    random = _plan(target, baseline, phases=("random",), max_examples=2)
    assert footer(events_of(random)).exit == 0
    # Its check was not asked for.
    assert footer(events_of(_plan(target, baseline, excluded_checks=(TYPE,)))).exit == 0
    assert footer(events_of(_plan(target, baseline, severities={TYPE: "off"}))).exit == 0
    assert footer(events_of(_plan(target, baseline, severities={f"cognito-idp/{TYPE}": "off"}))).exit == 0
    # The off of another service says nothing.
    assert footer(events_of(_plan(target, baseline, severities={f"s3/{TYPE}": "off"}))).exit == 1
    # Its operation was not selected.
    target.handler = conforming(HEADER)
    other = replace(_plan(target, baseline), operations=(HEADER,))
    assert footer(events_of(other)).exit == 0


def test_an_entry_whose_cases_were_inconclusive_is_not_stale(target: Switch) -> None:
    entry = _entry(events_of(_plan(target)), target.url)
    target.handler = _nothing_works
    finished = footer(events_of(_plan(target, Baseline((entry,)))))
    assert finished.exit == 4
    assert finished.complaints == ()


def _nothing_works(request: Request) -> Response:
    body = b'{"__type":"ResourceNotFoundException","message":"there is no such thing"}'
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "a"))
    return Response(400, headers, body)


def test_an_operation_that_was_reached_and_no_longer_is_fails(target: Switch) -> None:
    target.handler = conforming(DESCRIBE)
    reached = Baseline(reached={target.url: (DESCRIBE, HEADER)})
    # The other operation was not selected: nothing is known of it.
    assert footer(events_of(_plan(target, reached))).exit == 0
    target.handler = _nothing_works
    finished = footer(events_of(_plan(target, reached)))
    assert finished.exit == 1
    assert [line for line in finished.complaints if f"{DESCRIBE} was reached before" in line]


def test_an_unreached_operation_fails_unless_it_is_listed(target: Switch) -> None:
    target.handler = conforming(DESCRIBE)
    broken = conforming(HEADER)

    def handler(request: Request) -> Response:
        described = dict(request.headers).get("X-Amz-Target", "").endswith("DescribeUserImportJob")
        return _nothing_works(request) if described else broken(request)

    target.handler = handler
    both = (HEADER, DESCRIBE)
    assert footer(events_of(replace(_plan(target), operations=both))).exit == 4
    listed = Baseline(unreached={target.url: (DESCRIBE,)})
    assert footer(events_of(replace(_plan(target, listed), operations=both))).exit == 0
    # It is exact in this direction too.
    target.handler = conforming(DESCRIBE)
    finished = footer(events_of(_plan(target, listed)))
    assert (finished.exit, "was reached" in finished.complaints[0]) == (1, True)


def test_listing_everything_as_unreached_is_no_way_to_pass(target: Switch) -> None:
    target.handler = _nothing_works
    listed = Baseline(unreached={target.url: (DESCRIBE,)})
    assert footer(events_of(_plan(target, listed))).exit == 4


def test_targets_match_by_name_or_by_name_and_version() -> None:
    assert names_target("moto", "moto==5.2.5")
    assert names_target("moto==5.2.5", "moto==5.2.5")
    assert not names_target("moto==5.2.4", "moto==5.2.5")
    assert not names_target("moto==5.2.5", "moto")
    assert not names_target("mot", "moto")


@pytest.mark.parametrize(
    "name",
    [
        "http://127.0.0.1:5001",
        "http://localhost:5000",
        "HTTP://LOCALHOST",
        "http://[::1]:4566/",
        "http://127.0.0.2:80",
        "http://here.localhost:5000",
    ],
)
def test_an_address_means_the_target_at_every_port_and_spelling_of_the_loopback(name: str) -> None:
    assert names_target(name, "http://127.0.0.1:5000")
    assert names_target(f"aws-cli==2.1.0 at {name}", "aws-cli==2.1.0 at http://127.0.0.1:5000")


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("http://127.0.0.1:5000", "https://127.0.0.1:5000"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/base"),
        ("http://127.0.0.1:5000", "http://192.0.2.1:5000"),
        ("http://a.example:5000", "http://b.example:5000"),
        ("serve --to http://127.0.0.1:1 {port}", "serve --to http://127.0.0.1:2 {port}"),
        ("a {port}", "b {port}"),
        ("aws-cli==2.1.0 at http://127.0.0.1:1", "aws-cli==2.2.0 at http://127.0.0.1:1"),
        ("aws-cli==2.1.0 at http://127.0.0.1:1", "http://127.0.0.1:1"),
    ],
)
def test_another_target_is_not_meant(name: str, target: str) -> None:
    assert not names_target(name, target)


def test_what_every_answer_shows_is_covered_by_a_single_entry(target: Switch) -> None:
    target.handler = miniature("untraceable")
    plan = replace(_plan(target), operations=(HEADER,), fail_on="warning")
    first = events_of(plan)
    shown = next(finding for finding in findings(first) if finding.violation.check == "response.request-id")
    entry = known_from(shown.violation, target=target.url, reason="known", cases=shown.cases)
    assert entry.operation == "cognito-idp:*"
    second = events_of(replace(plan, baseline=Baseline((entry,))))
    assert [
        finding.baseline for finding in findings(second) if finding.violation.key == shown.violation.key
    ] == ["known"]


# The file.

WRITTEN = """\
# On top.
version: 1

violations:
  # What they know of: https://example.com/1
  - target: moto   # any version
    operation: cognito-idp:GetCSVHeader
    check: response.body.type
    place: $.CSVHeader
    cases: [0123456789ab]
    reason: 'a list: sent as text'
    link: https://example.com/1
    expires: 2027-01-31

  # Several below.

  # About the second.
  - target: moto
    operation: "*"
    check: response.request-id
    place: (headers)
    reason: no request id
    # deeper, so of the second

reached:
  moto:
    - cognito-idp:GetCSVHeader   # since 5.1
    # About the next.
    - cognito-idp:CreateUserPool
"""


def _read(text: str = WRITTEN) -> Baseline:
    return parse_baseline(text, source="known.yaml")


def test_a_file_is_read_with_the_lines_of_its_entries() -> None:
    first, second = _read().known
    assert (first.reason, first.link, first.line) == ("a list: sent as text", "https://example.com/1", 6)
    assert (first.cases, first.expires) == (("0123456789ab",), "2027-01-31")
    assert (second.key, second.line) == (("*", "response.request-id", "(headers)", ""), 18)
    assert _read().reached == {"moto": ("cognito-idp:GetCSVHeader", "cognito-idp:CreateUserPool")}


def test_an_unchanged_baseline_leaves_the_file_as_it_is() -> None:
    assert edited(WRITTEN, _read(), source="known.yaml", target="moto==5") == WRITTEN


def test_an_entry_goes_with_its_own_comments_and_no_others() -> None:
    remaining = replace(_read(), known=_read().known[:1], reached={"moto": ("cognito-idp:GetCSVHeader",)})
    text = edited(WRITTEN, remaining, source="known.yaml", target="moto")
    gone = ["# About the second.", "# deeper, so of the second", "# About the next.", "(headers)"]
    stays = ["# On top.", "# What they know of", "# any version", "# Several below.", "# since 5.1"]
    assert [line for line in gone if line in text] == []
    assert [line for line in stays if line not in text] == []
    assert _read(text) == remaining


def test_additions_come_last_and_cases_are_renewed_in_their_place() -> None:
    first, second = _read().known
    new = replace(first, place='$.Odd["#"]: x', reason='says "no" # so', cases=("123456789012",))
    baseline = Baseline(
        (
            replace(first, cases=("aaaaaaaaaaaa", "bbbbbbbbbbbb")),
            replace(second, cases=("1e1111111111",)),
            new,
        ),
        {"moto": (*_read().reached["moto"], "cognito-idp:CreateGroup")},
        {"moto": ("cognito-idp:ListGroups",)},
    )
    text = edited(WRITTEN, baseline, source="known.yaml", target="moto==5")
    assert _read(text) == baseline
    assert "    cases: [aaaaaaaaaaaa, bbbbbbbbbbbb]\n    reason: 'a list" in text
    assert text.index("# deeper") < text.index('says \\"no\\"')
    assert all(line in text for line in WRITTEN.splitlines() if "#" in line)
    # Whoever reads it with any YAML parser reads the same.
    assert yaml.safe_load(text)["violations"][2]["cases"] == ["123456789012"]


@pytest.mark.parametrize(
    "text", [EMPTY, "version: 1\nviolations: []\nreached: {}\n", "version: 1\nviolations:"]
)
def test_a_file_that_says_nothing_can_be_added_to(text: str) -> None:
    baseline = Baseline(_read().known, {"moto==5": ("a:B", "a:C")}, {"moto==5": ("a:D",)})
    filled = edited(text, baseline, source="known.yaml", target="moto==5")
    assert parse_baseline(filled, source="known.yaml") == baseline
    emptied = edited(filled, Baseline(), source="known.yaml", target="moto==5")
    assert parse_baseline(emptied, source="known.yaml").known == ()
    again = edited(emptied, baseline, source="known.yaml", target="moto==5")
    assert parse_baseline(again, source="known.yaml") == baseline


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "known.yaml is empty. It begins with `version: 1`"),
        ("- a", r"known.yaml:1: it must be of type"),
        ("version: 2", r"known.yaml:1: version 2; this release reads 1"),
        ("version: [", r"known.yaml:\d: not valid YAML"),
        ("version: 1\nversion: 1", "known.yaml:2: version is given twice"),
        ("version: 1\nviolation:\n", "known.yaml:2: unknown key violation. Did you mean violations"),
        ("version: 1\nviolations: [{}]", "known.yaml:2: an entry of a list must begin on a line of its own"),
        ("version: 1\nreached:\n  moto:\n    - x\n", r"known.yaml:4: 'x' is no operation"),
        ("version: 1\nx: &a 1\ny: *a\n", "known.yaml:2: anchors and tags have no place"),
        (WRITTEN.replace("2027-01-31", "2027-02-30"), "known.yaml:13: 2027-02-30 is no day"),
        (WRITTEN.replace("2027-01-31", "soon"), "known.yaml:13: 'soon' is no day"),
        (WRITTEN.replace("    reason: no request id\n", ""), "known.yaml:18: reason is missing"),
        (WRITTEN.replace("0123456789ab", "x"), "known.yaml:10: 'x' is no id of a case"),
        (WRITTEN.replace("no request id", "|\n      a\n      b"), "known.yaml:22: a text of several lines"),
        (
            WRITTEN + "unreached:\n  moto:\n    - cognito-idp:CreateUserPool\n",
            "known.yaml:32: .* reached too",
        ),
    ],
)
def test_a_bad_file_is_a_single_line_that_names_the_place(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        _read(text)
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)


def test_an_entry_for_the_same_violation_twice_is_a_mistake() -> None:
    entry = WRITTEN[WRITTEN.index("  - target: moto\n") : WRITTEN.index("\nreached")]
    with pytest.raises(UsageError, match=r"known.yaml:\d+: the same violation as in line 18"):
        _read(WRITTEN.replace("\nreached", f"{entry}\nreached"))


def test_the_committed_schema_is_current_and_fits_what_is_written() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == dump_schema(baseline_schema())
    raw = yaml.load(WRITTEN, Loader=yaml.BaseLoader)
    raw["version"] = int(raw["version"])
    jsonschema.Draft202012Validator(baseline_schema()).validate(raw)


# The commands.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(target: Switch, *more: str) -> int:
    return main(["run", DESCRIBE, "--target", target.url, "--max-examples", "0", *more])


def test_update_and_prune_keep_a_file_in_line_with_runs(target: Switch, folder: Path) -> None:
    options = [DESCRIBE, "--target", target.url, "--max-examples", "0"]
    assert main(["baseline", "update", "known.yaml", *options, "--reason", "seen"]) == 0
    baseline = read_baseline(folder / "known.yaml")
    assert [(known.check, known.reason) for known in baseline.known] == [(TYPE, "seen")]
    assert 1 <= len(baseline.known[0].cases) <= 3
    assert baseline.reached == {target.url: (DESCRIBE,)}
    assert _run(target, "--baseline", "known.yaml") == 0
    text = (folder / "known.yaml").read_text("utf-8")
    commented = text.replace("  - target", "  # ours to mend\n  - target").replace(
        "reason: seen", "reason: why"
    )
    (folder / "known.yaml").write_text(commented, "utf-8")
    # Nothing new: nothing changes. Out of a written run it is the same.
    assert _run(target, "--report", "ndjson=run.ndjson", "--baseline", "known.yaml") == 0
    assert main(["baseline", "update", "known.yaml", "--from", "run.ndjson"]) == 0
    assert (folder / "known.yaml").read_text("utf-8") == commented
    # Nothing stale: nothing is pruned.
    assert main(["baseline", "prune", "known.yaml", "--from", "run.ndjson"]) == 0
    assert (folder / "known.yaml").read_text("utf-8") == commented
    target.handler = conforming(DESCRIBE)
    assert _run(target, "--baseline", "known.yaml") == 1
    assert main(["baseline", "prune", "known.yaml", *options]) == 0
    pruned = read_baseline(folder / "known.yaml")
    assert (pruned.known, pruned.reached) == ((), {target.url: (DESCRIBE,)})
    assert "# ours to mend" not in (folder / "known.yaml").read_text("utf-8")
    assert _run(target, "--baseline", "known.yaml") == 0


def test_update_and_prune_print_no_exit_code_but_their_own(
    target: Switch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [DESCRIBE, "--target", target.url, "--max-examples", "0"]
    for command in ("update", "prune"):
        assert main(["baseline", command, "known.yaml", *options]) == 0
        output = capsys.readouterr().out
        assert "1 implemented" in output
        assert "exit " not in output


def test_a_name_stands_for_a_target_wherever_it_listens(target: Switch, folder: Path) -> None:
    options = [DESCRIBE, "--max-examples", "0", "--name", "ours"]
    assert main(["baseline", "update", "known.yaml", *options, "--target", target.url]) == 0
    assert read_baseline(folder / "known.yaml").reached == {"ours": (DESCRIBE,)}
    assert _run(target, "--baseline", "known.yaml", "--name", "ours") == 0
    assert _run(target, "--baseline", "known.yaml", "--name", "theirs") == 1
    assert _run(target, "--baseline", "known.yaml") == 1


def test_a_baseline_holds_at_another_spelling_of_the_loopback(target: Switch, folder: Path) -> None:
    options = [DESCRIBE, "--max-examples", "0"]
    assert main(["baseline", "update", "known.yaml", *options, "--target", target.url]) == 0
    elsewhere = target.url.replace("127.0.0.1", "localhost")
    assert main(["run", *options, "--target", elsewhere, "--baseline", "known.yaml"]) == 0


def test_a_configuration_names_a_baseline_beside_it(
    target: Switch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [DESCRIBE, "--target", target.url, "--max-examples", "0"]
    assert main(["baseline", "update", "known.yaml", *options]) == 0
    (folder / "aws-conformance.toml").write_text('baseline = "known.yaml"\n', "utf-8")
    assert _run(target) == 0
    capsys.readouterr()
    text = (folder / "known.yaml").read_text("utf-8")
    (folder / "known.yaml").write_text(text.replace(TYPE, "response.body.typ"), "utf-8")
    assert _run(target) == 2
    assert "known.yaml:7: there is no check 'response.body.typ'. Did you mean" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("run --baseline none.yaml", "none.yaml cannot be read: No such file or directory. Make it with"),
        ("baseline prune none.yaml --from x", "none.yaml cannot be read"),
        ("baseline update known.yaml --from none.ndjson", "none.ndjson cannot be read"),
        ("baseline update known.yaml --from x --seed 3", "Give one of the two"),
    ],
)
def test_mistakes_are_reported_in_a_single_line(
    folder: Path, arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 2
    assert message in capsys.readouterr().err


def test_the_key_of_an_entry_is_that_of_its_violation() -> None:
    violation = Violation("a.b", "error", "MODEL", HEADER, "$.A", "r", "e", "g", cause="c", scope="target")
    assert known_from(violation, target="t", reason="r").key == violation.key


def test_an_entry_from_before_kinds_of_answers_covers_all_of_them() -> None:
    """Three findings now, of one entry then: each is excused, and it is said once."""
    missing = Violation(
        "response.request-id",
        "error",
        "OBSERVED",
        DESCRIBE,
        "(headers)",
        "",
        "a header",
        "none",
        scope="target",
    )
    parts = [replace(missing, answers=kind) for kind in ("successes", "modelled errors")]
    other = replace(parts[0], path="(elsewhere)")
    reproduction = Reproduction("", "", "", CaseInfo("0", DESCRIBE, "enumerated", "positive", ""), {}, "", "")
    reported = [Reported(violation, 1, reproduction, (DESCRIBE,)) for violation in (*parts, other)]
    entry = known_from(missing, target="t", reason="known")
    assert entry.operation == "*"
    judged = judge(
        Baseline((entry,), source="b.yaml"),
        reported,
        {},
        target="t",
        today="2026-01-01",
        verified=frozenset(),
        settings={},
    )
    assert [finding.baseline for finding in judged.findings] == ["known", "known", ""]
    assert [remark for remark in judged.remarks if "covers 2 findings" in remark] == list(judged.remarks)
    assert len({violation.id for violation in (missing, *parts)}) == 3
