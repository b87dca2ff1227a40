# SPDX-License-Identifier: Apache-2.0
"""`--conformance`: the items, their ids, their reports, and how they go with the rest of pytest."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.frontends.plugin.repositories import Repository

from aws_conformance import Plan, UrlTarget, run
from aws_conformance.http import Request, Response
from aws_conformance.results.events import Event, Reported
from aws_conformance.results.reports.console import ConsoleReport
from aws_conformance.targets.server import serve

_START = "cognito-idp:StartUserImportJob"
_IDS = ["cognito-idp::StartUserImportJob::enumerated", "cognito-idp::StartUserImportJob::random"]


def _results(file: Path) -> dict[str, str]:
    results = {}
    for case in ET.parse(file).getroot().iter("testcase"):
        outcome = next(
            (child.tag for child in case if child.tag in ("failure", "skipped", "error")), "passed"
        )
        results[f"{case.get('classname')}.{case.get('name')}"] = outcome
    return results


def test_each_operation_and_phase_has_an_item(repository: Repository) -> None:
    repository.write(test_own="def test_own(): pass")
    listed = repository.pytest("--collect-only", "-q", "--conformance", "cognito-idp:St*UserImportJob")
    assert listed.text.split("\n\n")[0].splitlines() == [
        "test_own.py::test_own",
        *_IDS,
        "cognito-idp::StopUserImportJob::enumerated",
        "cognito-idp::StopUserImportJob::random",
    ]


def test_all_phases_are_there_unless_some_are_named(repository: Repository) -> None:
    repository.put("pyproject.toml", "[tool.pytest.ini_options]\n")
    listed = repository.pytest("--collect-only", "-q", "--conformance", _START)
    assert listed.text.split("\n\n")[0].splitlines() == [*_IDS, "cognito-idp::StartUserImportJob::stateful"]


def test_a_conforming_target_passes(repository: Repository) -> None:
    done = repository.pytest("--conformance", _START, "--strict-markers", "-W", "error", "-v")
    assert done.exit == 0, done.text
    assert done.counts == {"passed": 2}
    assert "1 operation: 1 implemented, 1 reached" in done.text
    assert "Findings: 0 errors, 0 warnings" in done.text


def test_a_failure_lists_violations_as_the_console_does(repository: Repository, faulty_url: str) -> None:
    done = repository.pytest(
        "--conformance", _START, "--conformance-target", faulty_url, "--junitxml=junit.xml"
    )
    assert done.exit == 1
    assert done.counts == {"failed": 2}
    assert "Traceback" not in done.text
    assert f"FAILED {_IDS[0]} - 1 violation: response.timestamp.form" in done.text
    plan = Plan((_START,), UrlTarget(faulty_url))
    events: list[Event] = []
    assert run(plan, events.append) == 1
    reported = next(event for event in events if isinstance(event, Reported))
    stream = io.StringIO()
    console = ConsoleReport(stream, live=False, width=110, verbose=True)
    for event in events:
        console(event)
    console_lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    first = next(index for index, line in enumerate(console_lines) if line.startswith(_START))
    # The heading, the requirement, the place, both sides, what was tried.
    for line in console_lines[first : first + 5]:
        assert line in done.text
    assert reported.violation.id in done.text
    properties = {
        (element.get("name"), element.get("value"))
        for element in ET.parse(repository.root / "junit.xml").getroot().iter("property")
    }
    assert ("conformance.violations", reported.violation.id) in properties
    assert ("conformance.verdict", "violated") in properties
    assert ("conformance.target", faulty_url) in properties


def test_selection_by_keyword_and_marker(repository: Repository) -> None:
    repository.write(test_own="def test_own(): pass")
    chosen = repository.pytest("--collect-only", "-q", "--conformance", _START, "-k", "random")
    assert chosen.text.splitlines()[0] == _IDS[1]
    marked = repository.pytest("--collect-only", "-q", "--conformance", _START, "-m", "conformance")
    assert marked.text.split("\n\n")[0].splitlines() == _IDS
    other = repository.pytest("--collect-only", "-q", "--conformance", _START, "-m", "not conformance")
    assert other.text.split("\n\n")[0].splitlines() == ["test_own.py::test_own"]


def test_a_failure_can_be_run_again_by_lf_and_by_its_id(repository: Repository, faulty_url: str) -> None:
    repository.write(test_own="def test_own(): pass")
    target = ("--conformance-target", faulty_url)
    first = repository.pytest("--conformance", _START, *target, "-k", "enumerated or own")
    assert first.counts == {"passed": 1, "failed": 1, "deselected": 1}
    again = repository.pytest("--conformance", _START, *target, "--lf", "-v")
    assert again.counts.get("failed") == 1
    assert "passed" not in again.counts
    assert f"{_IDS[0]} FAILED" in again.text
    named = repository.pytest(_IDS[0], *target)
    assert named.counts == {"failed": 1}


def test_xdist_explores_no_operation_twice(repository: Repository) -> None:
    repository.write(
        conftest=(
            "import json, os\n"
            "def pytest_conformance_event(config, event):\n"
            "    if type(event).__name__ == 'OperationStarted':\n"
            "        with open('seen.jsonl', 'a') as file:\n"
            "            worker = os.environ.get('PYTEST_XDIST_WORKER')\n"
            "            file.write(json.dumps([event.operation, worker]) + '\\n')\n"
        ),
        test_own="import pytest\n@pytest.mark.parametrize('n', range(4))\ndef test_own(n): pass\n",
    )
    names = ("AdminGetUser", "GetCSVHeader", "ListUserImportJobs", "StartUserImportJob", "StopUserImportJob")
    selectors = [f"cognito-idp:{name}" for name in names]
    done = repository.pytest(
        "-n2",
        "--conformance",
        ",".join(selectors),
        "--conformance-max-examples",
        "4",
        "--conformance-phase",
        "enumerated,random",
        "--junitxml=j.xml",
    )
    assert done.exit == 0, done.text
    # By chance three of them find nothing that is not among the enumerated cases.
    assert done.counts == {"passed": 11, "skipped": 3}
    assert "5 operations: 5 implemented, 5 reached" in done.text
    lines = (repository.root / "seen.jsonl").read_text("utf-8").splitlines()
    seen = [json.loads(line) for line in lines]
    assert sorted(name for name, _ in seen) == selectors
    # What excludes one another by the one active job of an account stays on one worker.
    started = dict(seen)
    assert started["cognito-idp:StartUserImportJob"] == started["cognito-idp:StopUserImportJob"]
    # Ids are the same as without xdist.
    assert "cognito-idp.StartUserImportJob.enumerated" in _results(repository.root / "j.xml")


def test_what_is_not_implemented_is_skipped_with_the_evidence(repository: Repository) -> None:
    selectors = "cognito-idp:AdminListDevices,cognito-idp:GetCSVHeader"
    done = repository.pytest("--conformance", selectors, "-rs")
    assert done.exit == 0, done.text
    assert done.counts == {"passed": 2, "skipped": 2}
    assert "not implemented: answers" in done.text
    assert "2 operations: 1 implemented, 1 reached" in done.text


def test_a_run_that_reached_nothing_does_not_pass(repository: Repository) -> None:
    done = repository.pytest("--conformance", "cognito-idp:AdminListDevices")
    assert (done.exit, done.counts) == (1, {"skipped": 2})
    assert "no operation was reached, so nothing was verified" in done.text


def test_what_was_not_reached_fails(repository: Repository) -> None:
    def refuse(_: Request) -> Response:
        headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "1"))
        body = b'{"__type": "ResourceNotFoundException", "message": "no such pool"}'
        return Response(400, headers, body)

    with serve(refuse) as server:
        command_line = run(Plan((_START,), UrlTarget(server.url), phases=("random",)), lambda event: None)
        done = repository.pytest("--conformance", _START, "--conformance-target", server.url, "-k", "random")
    # The same answer to whatever is asked shows no operation: nothing passes, and neither does the run.
    assert command_line == 4
    assert done.exit == 1, done.text
    assert "passed" not in done.counts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--conformance", "cognito-idp:StartUserImportJo"), "Did you mean StartUserImportJob"),
        (("--conformance", "cognito-ipd"), "There is no service named 'cognito-ipd'"),
        (("--conformance", _START, "--conformance-target", "refrence"), "Did you mean reference?"),
        (("--conformance", _START, "--conformance-phase", "enumerate"), "Did you mean enumerated?"),
        (("--conformance", _START, "--conformance-seed", "-1"), "The seed -1 is negative"),
        ((f"{_IDS[0]}x",), "There is no phase 'enumeratedx'"),
    ],
    ids=lambda value: None if isinstance(value, tuple) else value[:24],
)
def test_a_slip_is_a_single_line(repository: Repository, arguments: tuple[str, ...], message: str) -> None:
    done = repository.pytest(*arguments)
    assert done.exit == pytest.ExitCode.USAGE_ERROR
    assert message in done.text
    assert len(done.text.strip().splitlines()) <= 2, done.text


def test_an_unreachable_target_is_reported(repository: Repository) -> None:
    with serve(lambda request: Response(500)) as server:
        url = server.url
    done = repository.pytest("--conformance", _START, "--conformance-target", url)
    assert done.counts == {"failed": 2}
    assert f"Nothing answers at {url}" in done.text
    assert "Traceback" not in done.text


def test_a_remote_target_needs_to_be_allowed(repository: Repository) -> None:
    done = repository.pytest("--conformance", _START, "--conformance-target", "http://192.0.2.1:80")
    assert done.exit == 1
    assert "--allow-remote" in done.text


def test_ini_and_shared_configuration(repository: Repository, faulty_url: str) -> None:
    (repository.root / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\n"
        f'conformance = ["{_START}"]\n'
        "[tool.aws-conformance]\n"
        f'target = "{faulty_url}"\n'
        'phases = ["enumerated"]\n'
        "[tool.aws-conformance.severities]\n"
        '"response.timestamp.form" = "warning"\n',
        "utf-8",
    )
    done = repository.pytest()
    assert done.counts == {"passed": 1}, done.text
    assert "Findings: 0 errors, 1 warning" in done.text
    graver = repository.pytest("--conformance-fail-on", "warning")
    assert graver.counts == {"failed": 1}
    over = repository.pytest("--conformance-target", "reference", "--conformance-fail-on", "warning")
    assert over.counts == {"passed": 1}, over.text


def test_a_baseline_excuses_here_too(repository: Repository, faulty_url: str) -> None:
    events: list[Event] = []
    run(Plan((_START,), UrlTarget(faulty_url)), events.append)
    violation = next(event.violation for event in events if isinstance(event, Reported))
    entry = {
        "target": faulty_url,
        "operation": violation.key[0],
        "check": violation.check,
        "place": violation.path,
        "reason": "to be mended",
    }
    lines = [f"{name}: {json.dumps(value)}" for name, value in entry.items()]
    text = "version: 1\nviolations:\n  - " + "\n    ".join(lines) + "\n"
    (repository.root / "known.yaml").write_text(text, "utf-8")
    done = repository.pytest(
        "--conformance", _START, "--conformance-target", faulty_url, "--conformance-baseline", "known.yaml"
    )
    assert done.counts == {"passed": 2}, done.text
    assert "(baseline: to be mended)" in done.text
