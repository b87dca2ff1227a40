# SPDX-License-Identifier: Apache-2.0
"""A pattern that no engine reads as AWS does is not judged, and `validate` says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.cli import main

NAME = "ssm:GetCommandInvocation"
DATED = {"ExecutionStartDateTime": "2026-01-01T00:00:00Z", "DocumentName": "a-document"}
LINE = "$.ExecutionStartDateTime: its pattern was not judged: "


def _exchange(document: Any) -> dict[str, Any]:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "1"}
    return {"status": 200, "headers": headers, "body": json.dumps(document)}


@pytest.mark.parametrize("kind", ["instance", "exchange"])
@pytest.mark.parametrize("dated", [True, False])
def test_it_is_said_where_there_is_such_a_text(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, dated: bool
) -> None:
    document = DATED if dated else {"DocumentName": "a-document"}
    file = tmp_path / "output.json"
    file.write_text(json.dumps(document if kind == "instance" else _exchange(document)))
    assert main(["validate", NAME, f"--{kind}", str(file)]) == 0
    assert (LINE in capsys.readouterr().err) is dated
    assert main(["validate", NAME, f"--{kind}", str(file), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [line.startswith(LINE) for line in shown.get("unjudged", [])] == [True] * dated
