# SPDX-License-Identifier: Apache-2.0
"""The console: what stands on the first screen, what `--verbose` adds, and that a target's text stays
text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest

from aws_conformance.results.events import (
    Covered,
    Event,
    OperationFinished,
    Reported,
    RunFinished,
    RunStarted,
    Violation,
)
from aws_conformance.results.reports.console import ConsoleReport
from aws_conformance.results.reports.escape import printable, single_line
from aws_conformance.results.reports.finding_text import finding_lines

START = "cognito-idp:StartUserImportJob"
STOP = "cognito-idp:StopUserImportJob"
HEADER = "cognito-idp:GetCSVHeader"
MakeViolation: TypeAlias = Callable[..., Violation]
MakeReported: TypeAlias = Callable[..., Reported]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def _shown(events: list[Event], *, verbose: bool = False, width: int = 120) -> str:
    stream = io.StringIO()
    report = ConsoleReport(stream, verbose=verbose, width=width)
    for event in events:
        report(event)
    return stream.getvalue()


def test_the_form_of_a_finding(events: list[Event]) -> None:
    expected = """\
cognito-idp:StartUserImportJob   response.timestamp.form   error   [PROTOCOL]
  requirement  In AWS JSON 1.1 a timestamp without a timestampFormat is a number of epoch seconds.
  at           $.UserImportJob.CreationDate
  expected     number      got  "2026-11-23T10:00:00Z"
  sdks         Go, JavaScript and Rust fail
  tried        all members
  seen         12 times
  reproduce    aws cognito-idp start-user-import-job --user-pool-id us-east-1_a --job-id import-1
  before       CreateUserPool
  boto3        client = boto3.client('cognito-idp')
               client.start_user_import_job(UserPoolId='us-east-1_a')
  curl         curl http://127.0.0.1:1
"""
    assert expected in _shown(events, verbose=True)
    assert "boto3" not in _shown(events)


def test_the_first_screen(events: list[Event]) -> None:
    """The verdict, the target, the causes with their smallest request, and what was not reached."""
    shown = _shown(events, width=100)
    assert (
        shown[shown.index("exit 1") :]
        == """\
exit 1: violations, or a stale baseline entry   (2.5 s)
http://127.0.0.1:5000, cognito-idp: reached 1 of 2
3 operations: 2 implemented, 1 reached
4 cases: 1 verified, 1 violated, 1 inconclusive, 1 not implemented
Findings: 1 error, 0 warnings, 1 note; 2 causes
- 1 violation at error severity.

     kind     cause                                         smallest request     places     id
 1 E bytes    timestamps are text, clients fail: Creatio... valid StartUserIm... 1 in 1     7c6f4bd7
 2 N bytes    outputs leave their documented length: Job... valid StopUserImp... 1 in 1     40b09151
     E error, W warning, N note. A script: `aws-conformance reproduce REPORT ID`. All findings: -v

Not reached
    1 no job could be made: StopUserImportJob

Not implemented: 1 (501 to every request): GetCSVHeader
"""
    )


def test_it_fits_whatever_there_is(
    events: list[Event], violation: MakeViolation, reported: MakeReported
) -> None:
    """However much is wrong: forty lines of a hundred columns, and the rest is counted."""
    many: list[Event] = [
        reported(violation(f"s:Op{number}", f"check.{number}", path=f"$.Member{number}", got="x" * 500))
        for number in range(200)
    ]
    many += [
        OperationFinished(
            f"s:Op{number}",
            number % 2 == 0,
            f"said {'e' * 300}",
            False,
            1,
            inconclusive=1,
            unreached=f"{'r' * 300} {chr(97 + number % 26)}",
            deaths=("of nothing",),
        )
        for number in range(200)
    ]
    end = RunFinished(1, tuple(f"reason {number} {'w' * 300}" for number in range(50)), 1.0)
    shown = _shown([events[0], *many, end], width=100)
    screen = shown[shown.index("exit 1") :].splitlines()
    assert len(screen) <= 40
    assert max(map(len, screen)) <= 100
    assert sum(" check." in line for line in screen) >= 8
    assert any(re.search(r"and \d+ more causes \(\d+ at error\)", line) for line in screen)


def test_how_much_was_judged_and_departs(events: list[Event]) -> None:
    counted = [
        OperationFinished(
            START,
            True,
            "",
            True,
            1,
            coverage=(Covered("errors", 10, 6, 3), Covered("histories", 2, 2, 0)),
        ),
        OperationFinished(STOP, True, "", False, 1, coverage=(Covered("errors", 6, 0, 0),)),
        OperationFinished(HEADER, False, "501", False, 1, coverage=(Covered("errors", 90, 0, 0),)),
    ]
    shown = _shown([events[0], *counted, events[-1]])
    assert "reached 1 of 2, coverage 45 %, divergence 33 %" in shown


def test_what_a_baseline_excuses_stands_after_what_is_new(
    events: list[Event], violation: MakeViolation, reported: MakeReported
) -> None:
    known = replace(reported(violation()), baseline="since ever")
    new = reported(violation(severity="warning", check="response.request-id"))
    shown = _shown([events[0], known, new, events[-1]])
    assert shown.index("answers have no request id") < shown.index("timestamps are text")


def test_all_places_of_a_cause_are_one_paragraph(
    events: list[Event], violation: MakeViolation, reported: MakeReported
) -> None:
    """One requirement is told once, with a line for each of its places."""
    many = [reported(violation(path=f"$.Job.Date{number:02}"), count=number) for number in range(1, 31)]
    shown = _shown([events[0], *many, events[-1]], verbose=True)
    assert shown.count("  requirement  ") == 1
    lines = [line for line in shown.splitlines() if re.match(r"    [0-9a-f]{8} +\d+x  ", line)]
    assert len(lines) == 29
    assert any(line.endswith(f'30x  {START} $.Job.Date30: "2026-11-23T10:00:00Z"') for line in lines)


def test_plain_lines_tell_how_the_run_goes(events: list[Event]) -> None:
    lines = _shown(events).splitlines()
    assert lines[0] == ("Checking 3 operations of http://127.0.0.1:5000 (phases enumerated, random; seed 7)")
    assert f"  {STOP}: not reached; 1 case: 1 inconclusive" in lines
    assert f"  {START}: reached; 2 cases: 1 verified, 1 violated" in lines


def test_the_table_of_operations(events: list[Event]) -> None:
    shown = _shown(events, verbose=True)
    table = shown[shown.index("operation ") : shown.index("Error codes provoked")]
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.startswith("cognito-")}
    assert rows[STOP] == ["no", "1", "0", "0", "1", "0"]
    assert re.search(r"operation +reached +cases +verified +violated +inconclusive +not implemented", shown)
    assert (
        f"""
Error codes provoked
  {START}
    by request          ResourceNotFoundException
    by fault injection  InternalErrorException
"""
        in shown
    )


def test_columns_for_our_own_failures_appear_only_when_there_are_any(events: list[Event]) -> None:
    assert "errored" not in _shown(events, verbose=True)
    errored = OperationFinished(START, True, "", True, 3, verified=1, errored=2)
    assert "errored" in _shown([events[0], errored, events[-1]], verbose=True)


HOSTILE = "\x1b]8;;http://evil\x07click\x1b[2J\r\n[bold red]:smile:\u202e\ud800"


def test_a_target_cannot_write_to_the_terminal(
    events: list[Event], violation: MakeViolation, reported: MakeReported
) -> None:
    hostile: list[Event] = [
        reported(violation(got=HOSTILE, path=HOSTILE[:-1])),
        OperationFinished(HOSTILE, False, HOSTILE, False, 1, not_implemented=1),
        OperationFinished(START, True, "", False, 1, errors={HOSTILE: "request"}, unreached=HOSTILE),
        RunFinished(1, (HOSTILE,), 1.0),
    ]
    shown = _shown([events[0], *hostile], width=400, verbose=True)
    assert not [char for char in shown if not char.isprintable() and char != "\n"]
    assert shown.count("[bold red]:smile:") >= 6


def test_escaping_loses_nothing() -> None:
    assert printable("plain – text") == "plain – text"
    assert printable("\x1b[2J\ud800") == "\\x1b[2J\\ud800"
    assert single_line("a\n  b\tc\x07") == "a b c\\x07"


def test_a_terminal_gets_colour_and_a_cursor_that_is_shown_again(
    events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    report = ConsoleReport(stream, width=100)
    for event in events:
        report(event)
    shown = stream.getvalue()
    assert "\x1b[1;31m" in shown
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l") > -1


def test_no_color_is_respected(events: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    report = ConsoleReport(stream, width=100, live=False)
    for event in events:
        report(event)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", stream.getvalue())


def test_a_dumb_terminal_gets_plain_lines(events: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    report = ConsoleReport(stream, width=100)
    for event in events:
        report(event)
    assert "\x1b[?25l" not in stream.getvalue()
    assert f"  {START}: reached" in stream.getvalue()


def test_closing_a_run_that_was_cut_off_shows_the_cursor_again(
    events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    report = ConsoleReport(stream, width=100)
    for event in events[:4]:
        report(event)
    report.close()
    report.close()
    assert stream.getvalue().rfind("\x1b[?25h") > stream.getvalue().rfind("\x1b[?25l") > -1


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_requirement_is_wrapped_to_the_width(width: int, violation: MakeViolation) -> None:
    lines = [line.plain for line in finding_lines(violation(), width=width)]
    requirement = lines[1 : lines.index(next(line for line in lines if line.startswith("  at ")))]
    assert all(len(line) <= max(width, 45) for line in requirement)
    said = " ".join(line[15:] for line in requirement)
    assert said == violation().requirement


def test_no_line_ends_in_blanks(events: list[Event]) -> None:
    assert all(line == line.rstrip() for line in _shown(events, verbose=True).splitlines())


def test_what_a_run_did_not_get_to_is_shown(events: list[Event]) -> None:
    shown = _shown([events[0], RunFinished(130, (), 1.0)])
    assert (
        "Not finished before the run ended: 3: GetCSVHeader, StartUserImportJob, StopUserImportJob\n" in shown
    )


def test_what_the_verdict_says_is_not_said_twice(events: list[Event]) -> None:
    reason = f"{STOP} was not reached: no job could be made"
    shown = _shown([*events[:-1], RunFinished(4, (reason,), 1.0)])
    assert shown.count("no job could be made") == 1


def test_the_table_fits_a_terminal_of_80_columns(events: list[Event]) -> None:
    shown = _shown(events, width=80, verbose=True)
    table = shown[shown.index("operation ") : shown.index("Error codes provoked")].splitlines()
    assert all(len(line) <= 80 for line in table)
    assert [line.split()[0] for line in table if line] == [
        "operation",
        "GetCSVHeader",
        "StartUserImportJob",
        "StopUserImportJob",
    ]


def test_an_empty_run_is_shown(events: list[Event]) -> None:
    started = RunStarted("reference", 0, (), (), {}, "")
    shown = _shown([started, RunFinished(4, ("No operation was reached.",), 0.0)])
    assert "0 operations: 0 implemented, 0 reached" in shown
    assert "exit 4: nothing verified, or an operation unreached" in shown


# Narrow windows, and little or no talk


@pytest.mark.parametrize("width", [32, 40, 60, 79])
def test_a_narrow_window_breaks_no_line_itself(
    width: int, events: list[Event], reported: MakeReported, violation: MakeViolation
) -> None:
    """What is broken stands between words, and every cause keeps its number, its severity and its id."""
    more = [
        reported(violation(check=f"lifecycle.made-up{number}", path=f"$.{'Member' * 9}"))
        for number in range(9)
    ]
    shown = _shown([*events[:-1], *more, events[-1]], width=width)
    screen = shown[shown.index("exit 1") :].splitlines()
    assert max(map(len, screen)) <= width
    assert len([line for line in screen if re.match(r"^ ?\d+ [EWN] .* ?[0-9a-f]{8}$", line)]) == 11


def test_quiet_tells_the_verdict_and_why(events: list[Event]) -> None:
    stream = io.StringIO()
    report = ConsoleReport(stream, quiet=True, width=100)
    for event in events:
        report(event)
    assert stream.getvalue() == (
        "exit 1: violations, or a stale baseline entry   (2.5 s)\n"
        "http://127.0.0.1:5000, cognito-idp: reached 1 of 2\n"
        "- 1 violation at error severity.\n"
    )


def test_color_is_left_out_where_nobody_wants_it(
    events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    colored, plain = Terminal(), Terminal()
    for stream, color in ((colored, True), (plain, False)):
        report = ConsoleReport(stream, width=100, live=False, color=color)
        for event in events:
            report(event)
    assert "\x1b[1;31m" in colored.getvalue()
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", plain.getvalue())


def test_the_line_that_moves_tells_the_pace_and_the_causes_so_far(
    events: list[Event],
    reported: MakeReported,
    violation: MakeViolation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Findings of two operations that have one cause are one."""
    monkeypatch.setenv("TERM", "xterm-256color")
    through = [
        replace(event, findings=(reported(violation()), reported(violation(path="$.Other"))))
        if isinstance(event, OperationFinished)
        else event
        for event in events
    ]
    stream = Terminal()
    report = ConsoleReport(stream, width=160)
    for event in through[:-1]:
        report(event)
    report.close()
    assert re.search(r"2 cases, [\d,]+/s, 1 cause", stream.getvalue())
