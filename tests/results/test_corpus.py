# SPDX-License-Identifier: Apache-2.0
"""A corpus: what of a run is worth keeping, how few cases will do, and what the next run makes of them."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis.database import InMemoryExampleDatabase, MultiplexedDatabase, ReadOnlyDatabase
from tests.switchable import HEADER, events_of, findings, miniature, switchable

from aws_conformance.cli import main
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.errors import UsageError
from aws_conformance.http import Request, Response
from aws_conformance.reference import Reference, Settings
from aws_conformance.results.causes import causes
from aws_conformance.results.corpus import CorpusCase, corpus_of, minimised, united
from aws_conformance.results.corpus_files import CorpusFiles, read_corpus, write_corpus
from aws_conformance.results.events import CaseFinished, CaseInfo, Event
from aws_conformance.results.reports.ndjson import begin

CREATE = "cognito-idp:CreateUserImportJob"
LIST = "cognito-idp:ListUserImportJobs"
_ESCAPING = {"operation": "s:O", "phase": "random", "kind": "positive", "title": ""}


def _case(identifier: str, *shows: str) -> CorpusCase:
    return CorpusCase(CaseInfo(identifier, HEADER, "enumerated", "positive", "a title"), shows)


def test_a_corpus_takes_what_is_new_and_keeps_what_it_has() -> None:
    corpus = (_case("a", "cause 1: old words", "state x: y"),)
    more = (_case("b", "cause 1: new words"), _case("c", "cause 1: new words", "cause 2: z"))
    assert united(corpus, more) == (*corpus, _case("c", "cause 2: z"))
    assert united(united(corpus, more), more) == united(corpus, more)
    # The same case may turn out to show more.
    assert united(corpus, (_case("a", "cause 3: q"),)) == (_case("a", *corpus[0].shows, "cause 3: q"),)


def test_the_fewest_cases_still_show_everything() -> None:
    shown = [f"cause {number}: x" for number in range(12)]
    corpus = [_case(f"s{number}", word) for number, word in enumerate(shown)]
    corpus += [_case("half", *shown[:6]), _case("rest", *shown[6:])]
    random.Random(1).shuffle(corpus)
    assert {case.case.id for case in minimised(corpus)} == {"half", "rest"}


def test_a_corpus_on_disk_is_plain_files_and_an_example_database(tmp_path: Path) -> None:
    cases = (_case("a", "cause 1: x"), _case("b", "cause 2: y"))
    write_corpus(tmp_path, cases)
    assert read_corpus(tmp_path) == cases
    assert (tmp_path / "cognito-idp" / "GetCSVHeader" / "a.json").is_file()
    memory = InMemoryExampleDatabase()
    database = MultiplexedDatabase(memory, ReadOnlyDatabase(CorpusFiles(tmp_path)))
    values = sorted(database.fetch(HEADER.encode()))
    assert [json.loads(value)["case"]["id"] for value in values] == ["a", "b"]
    CorpusFiles(tmp_path).delete(HEADER.encode(), values[0])
    write_corpus(tmp_path, read_corpus(tmp_path))
    assert read_corpus(tmp_path) == cases[1:]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "no case of a corpus"),
        ('{"version": 9}', "no case of a corpus"),
        ('{"version": 1, "case": {}, "shows": []}', "no case of a corpus"),
        (
            json.dumps({"version": 1, "shows": [], "case": {**_ESCAPING, "id": "../a"}}),
            "its operation or its id",
        ),
    ],
)
def test_a_file_that_is_no_case_is_named(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "corpus" / "s" / "O" / "x.json"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        read_corpus(tmp_path / "corpus")
    assert main(["corpus", "ls", str(tmp_path / "corpus")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def _seen_at(events: Sequence[Event]) -> dict[str, int]:
    """By cause, after how many cases it first showed."""
    first: dict[str, int] = {}
    through = [event for event in events if isinstance(event, CaseFinished)]
    for number, event in enumerate(through, 1):
        for finding in event.shows:
            first.setdefault(finding, number)
    return {cause.id: min(first[item] for item in cause.findings) for cause in causes(findings(list(events)))}


def _faulty(request: Request, reference: Reference) -> Response:
    """The reference with faults that show late: in lists, at long names, and in what is accepted."""
    response = reference.handle(request)
    if response.status == 400 and b"nextToken" not in request.body and b"MaxResults" in request.body:
        return replace(response, status=500, body=b"{}")
    if response.status == 200 and b"UserImportJobs" in response.body:
        return replace(response, body=response.body.replace(b'"UserImportJobs"', b'"userImportJobs"'))
    return response


def test_the_next_run_finds_the_causes_in_a_tenth_of_the_cases(tmp_path: Path) -> None:
    reference = Reference(Settings())
    with switchable(lambda request: _faulty(request, reference)) as target:
        plan = Plan((HEADER, CREATE, LIST), UrlTarget(target.url), seed=1, max_examples=60)
        first = events_of(plan)
        corpus = corpus_of(first)
        write_corpus(tmp_path, corpus)
        by_operation = {
            name: tuple(case.reproduction for case in read_corpus(tmp_path) if case.case.operation == name)
            for name in plan.operations
        }
        second = events_of(replace(plan, seed=2, corpus={k: v for k, v in by_operation.items() if v}))
    seen, again = _seen_at(first), _seen_at(second)
    cases = sum(isinstance(event, CaseFinished) for event in second)
    assert len(seen) >= 3
    assert max(seen.values()) > cases / 10, "the corpus would prove nothing"
    assert max(again[cause] for cause in seen) <= cases / 10
    # Nothing is sent twice, and nothing is left out.
    ids = [event.case.id for event in second if isinstance(event, CaseFinished)]
    assert len(ids) == len(set(ids))
    enumerated = {
        event.case.id for event in first if isinstance(event, CaseFinished) and event.case.repeatable
    }
    assert enumerated <= set(ids)


def test_histories_of_a_corpus_are_walked_first_and_once() -> None:
    plan = Plan((HEADER, CREATE), phases=("enumerated", "stateful"), seed=3)
    first = events_of(plan)
    lived = [
        event.case for event in first if isinstance(event, CaseFinished) and event.case.phase == "stateful"
    ]
    # A kind of history is told after the other; of each kind in the order in which they were walked.
    lives = [info for info in lived if info.lifecycle == "user-import-job"]
    last = next(info for info in reversed(lives) if info.operation == CREATE)
    corpus = {CREATE: (CorpusCase(last, ("state",)).reproduction,)}
    second = events_of(replace(plan, corpus=corpus))
    ids = [event.case.id for event in second if isinstance(event, CaseFinished)]
    assert sorted(ids) == sorted(event.case.id for event in first if isinstance(event, CaseFinished))
    own = {info.id for info in lives if info.operation == CREATE}
    assert len(own) > 1
    assert next(identifier for identifier in ids if identifier in own) == last.id


def test_a_run_fills_a_corpus_and_commands_work_on_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, other = str(tmp_path / "corpus"), str(tmp_path / "other")
    report = tmp_path / "run.ndjson"
    with switchable(miniature("untraceable")) as target:
        words = ["run", HEADER, "--target", target.url, "--phase", "enumerated", "-q"]
        main([*words, "--corpus", corpus, "--report", f"ndjson={report}"])
        assert main([*words, "--corpus", corpus, "--record", str(tmp_path / "tape")]) == 2
    assert main(["corpus", "add", other, str(report)]) == 0
    assert read_corpus(Path(other)) == read_corpus(Path(corpus)) != ()
    assert main(["corpus", "merge", other, corpus]) == 0
    assert "0 of them new" in capsys.readouterr().out
    assert main(["corpus", "min", corpus]) == 0
    assert main(["corpus", "ls", corpus]) == 0
    assert "cause " in capsys.readouterr().out
    assert main(["corpus", "ls", str(tmp_path / "nowhere")]) == 2


def test_a_corpus_of_a_run_that_was_cut_off(tmp_path: Path) -> None:
    with switchable(miniature("untraceable")) as target:
        events = events_of(Plan((HEADER,), UrlTarget(target.url), phases=("enumerated",)))
    path = tmp_path / "cut.ndjson"
    with path.open("w", encoding="utf-8") as stream:
        consume = begin(stream)
        for event in events[:-2]:
            consume(event)
    assert main(["corpus", "add", str(tmp_path / "corpus"), str(path)]) == 0
    assert read_corpus(tmp_path / "corpus")
