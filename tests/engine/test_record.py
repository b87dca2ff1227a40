# SPDX-License-Identifier: Apache-2.0
"""Recordings: what is written, that it answers as the target did, and that no connection is made for it."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.switchable import DESCRIBE, miniature, switchable

from aws_conformance.cases.compile import contract_of
from aws_conformance.cli import main
from aws_conformance.engine.channel import OutgoingCall
from aws_conformance.engine.recording import Player, Recorder, RecordingHead, read_head
from aws_conformance.errors import UsageError
from aws_conformance.http import Exchange, Request, Response

FIXTURE = Path(__file__).parents[2] / "fixtures" / "recorded"
# As fixtures/recorded was made, with `--record fixtures/recorded` and
# `--report json=fixtures/recorded/verdict.json`.
RUN = ["cognito-idp:GetCSVHeader", "cognito-idp:StartUserImportJob", "--seed", "7", "--max-examples", "2"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _summary(path: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for name in ("elapsed", "started", "target", "versions"):
        del summary[name]
    for violation in summary["violations"]:
        # Addresses and masked texts differ, and nothing that a verdict is made of.
        del violation["reproduce"]
    return summary


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "bind", refuse)


@pytest.mark.usefixtures("no_connections")
def test_the_committed_recording_earns_the_verdict_that_it_was_recorded_with(folder: Path) -> None:
    verdict = _summary(FIXTURE / "verdict.json")
    assert (
        main(["run", *RUN, "--target", f"recorded:{FIXTURE}", "--report", "json=made.json"])
        == verdict["exit"]
    )
    again = "make it again as the comment at RUN says, if cases have changed on purpose"
    assert _summary(folder / "made.json") == verdict, again


def test_the_committed_recording_is_small_and_of_our_own_reference() -> None:
    assert read_head(FIXTURE).target == "reference"
    assert sum(file.stat().st_size for file in FIXTURE.iterdir()) < 300_000


def test_a_target_that_is_wrong_is_wrong_when_recorded(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with switchable(miniature("counter-as-text")) as target:
        options = ["--max-examples", "4", "--record", "tape", "--report", "json=live.json"]
        assert main(["run", DESCRIBE, "--target", target.url, *options]) == 1
    monkeypatch.setattr(socket.socket, "connect", None)
    options = ["--max-examples", "4", "--report", "json=played.json"]
    assert main(["run", DESCRIBE, "--target", "recorded:tape", *options]) == 1
    live, played = _summary(folder / "live.json"), _summary(folder / "played.json")
    assert played == live
    assert "Checking 1 operation of recorded:tape" in capsys.readouterr().out


def test_what_was_not_recorded_is_no_verdict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *RUN[1:], "--target", f"recorded:{FIXTURE}", "--report", "json=made.json"]) == 0
    # Other random cases were never asked.
    more = [*RUN[1:-1], "12", "--target", f"recorded:{FIXTURE}", "--report", "json=more.json"]
    main(["run", *more])
    totals = json.loads((folder / "more.json").read_text("utf-8"))["totals"]
    assert totals["errored"] > 0
    capsys.readouterr()
    assert main(["run", DESCRIBE, "--target", f"recorded:{FIXTURE}"]) == 2
    assert f"has no recording of {DESCRIBE}. It has cognito-idp:GetCSVHeader" in capsys.readouterr().err


def test_mistakes_are_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", DESCRIBE, "--target", "recorded:nothing"]) == 2
    assert "nothing holds no recording" in capsys.readouterr().err
    (folder / "tape").mkdir()
    (folder / "tape" / "recording.json").write_text("{}", "utf-8")
    assert main(["run", DESCRIBE, "--target", "recorded:tape"]) == 2
    assert "does not describe a recording" in capsys.readouterr().err
    (folder / "file").write_text("", "utf-8")
    assert main(["run", DESCRIBE, "--max-examples", "0", "--record", "file"]) == 2
    assert "Nothing can be recorded in file" in capsys.readouterr().err


# One exchange.

HEAD = RecordingHead("moto", "us-east-1")
CONTRACT = contract_of("cognito-idp")


def _exchange(body: bytes, answer: bytes, path: str = "/") -> Exchange:
    headers = (("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminCreateUser"),)
    return Exchange(Request("POST", path, headers, body), Response(200, (("A", "b"),), answer))


def _call(request: Request) -> OutgoingCall:
    return OutgoingCall(CONTRACT.service, CONTRACT.protocol, CONTRACT.operation("AdminCreateUser"), request)


def _played(tape: Path, exchange: Exchange, body: bytes) -> Exchange:
    player = Player(tape)
    player.begin("cognito-idp:AdminCreateUser", CONTRACT.protocol)
    request = Request("POST", exchange.request.path, exchange.request.headers, body)
    return player.answer(_call(request), request)


def _record(tape: Path, *exchanges: Exchange) -> str:
    with Recorder(tape, HEAD) as recorder:
        recorder.begin("cognito-idp:AdminCreateUser", CONTRACT.protocol)
        for exchange in exchanges:
            recorder.exchange(_call(exchange.request), exchange)
    return (tape / "cognito-idp.AdminCreateUser.ndjson").read_text("utf-8")


def test_every_byte_that_is_no_secret_stays(tmp_path: Path) -> None:
    answer = b'{ "User":{"Username":"anna-bell", "Enabled" :tru, "A":0.0, "A":1E2}'
    exchange = _exchange(b'{"Username":"anna-bell"}', answer)
    text = _record(tmp_path, exchange)
    assert "anna-bell" not in text
    recorded = _played(tmp_path, exchange, b'{ "Username": "someone-9"}')
    # Of the same length and otherwise the same: nothing else tells them apart.
    assert recorded.response.body == answer.replace(b"anna-bell", b"x" * 9)


def test_requests_match_by_meaning_and_answers_come_in_order(tmp_path: Path) -> None:
    first = _exchange(b'{"UserPoolId":"p","Username":"u"}', b"{}")
    second = _exchange(b'{"UserPoolId":"p","Username":"u"}', b'{"again":1}')
    _record(tmp_path, first, second)
    player = Player(tmp_path)
    player.begin("cognito-idp:AdminCreateUser", CONTRACT.protocol)
    asked = Request("POST", "/", first.request.headers, b' {"Username":"u", "UserPoolId":"p"}')
    bodies = [player.answer(_call(asked), asked).response.body for _ in range(2)]
    assert bodies == [b"{}", b'{"again":1}']
    assert player.answer(_call(asked), asked).response.fate == "refused"
    # Somebody else asking is another request.
    player.begin("cognito-idp:AdminCreateUser", CONTRACT.protocol)
    assert player.answer(replace(_call(asked), principal="other"), asked).response.fate == "refused"


def test_signatures_in_addresses_are_masked_and_still_match(tmp_path: Path) -> None:
    path = "/bucket/key?X-Amz-Credential=AKIA1%2F2&X-Amz-Signature=abcdef&X-Amz-Security-Token=tok&a=b"
    with Recorder(tmp_path, HEAD) as recorder:
        recorder.begin("cognito-idp:AdminCreateUser", CONTRACT.protocol)
        recorder.exchange(None, Exchange(Request("PUT", path, (), b"a,b"), Response(200)))
    text = (tmp_path / "cognito-idp.AdminCreateUser.ndjson").read_text("utf-8")
    assert not [secret for secret in ("AKIA1", "abcdef", "=tok") if secret in text]
    player = Player(tmp_path)
    player.begin("cognito-idp:AdminCreateUser", CONTRACT.protocol)
    assert player.answer(None, Request("PUT", path, (), b"a,b")).response.status == 200


def test_a_folder_holds_a_single_target(tmp_path: Path) -> None:
    _record(tmp_path, _exchange(b"{}", b"{}"))
    with pytest.raises(UsageError, match="holds the recording of another target"):
        Recorder(tmp_path, RecordingHead("other", "us-east-1"))


def test_all_phases_of_a_run_are_recorded_and_played(folder: Path) -> None:
    run = ["run", "cognito-idp:DescribeUserPool", "--max-examples", "2", "--seed", "5"]
    with switchable(miniature("counter-as-text")) as target:
        phases = ["--phase", "enumerated,random,stateful"]
        live = [*run, *phases, "--target", target.url, "--record", "tape"]
        assert main([*live, "--report", "json=live.json"]) in (0, 1)
    assert read_head(Path("tape")).phases == ("enumerated", "random", "stateful")
    assert main([*run, "--target", "recorded:tape", "--report", "json=played.json"]) in (0, 1)
    assert _summary(folder / "played.json") == _summary(folder / "live.json")


def test_several_workers_and_runs_record_into_a_folder(folder: Path) -> None:
    run = ["run", DESCRIBE, "cognito-idp:DescribeUserPool", "--max-examples", "2", "--record", "tape"]
    with switchable(miniature("counter-as-text")) as target:
        assert main([*run, "--target", target.url, "--workers", "2", "--phase", "random"]) in (0, 1)
        assert read_head(Path("tape")).phases == ("random",)
        assert main([*run, "--target", target.url, "--phase", "stateful"]) in (0, 1)
    assert read_head(Path("tape")).phases == ("random", "stateful")


def test_a_broken_recording_names_the_line(tmp_path: Path) -> None:
    _record(tmp_path, _exchange(b"{}", b"{}"))
    with (tmp_path / "cognito-idp.AdminCreateUser.ndjson").open("a", encoding="utf-8") as stream:
        stream.write("{}\n")
    with pytest.raises(UsageError, match=r"AdminCreateUser.ndjson:2: not a recorded exchange"):
        Player(tmp_path).begin("cognito-idp:AdminCreateUser", CONTRACT.protocol)


def test_answers_that_are_no_text_come_back(tmp_path: Path) -> None:
    exchange = _exchange(b"{}", b"\xff\xfe")
    _record(tmp_path, exchange)
    # It can't be looked through for secrets, so only its length is left.
    assert _played(tmp_path, exchange, b"{}").response.body == b"xx"
