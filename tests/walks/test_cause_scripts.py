# SPDX-License-Identifier: Apache-2.0
"""The script of each grave cause of real emulators shows it again, each on an emulator that runs afresh.

Emulators that are not installed are skipped: `aws-conformance targets install moto ministack cognito-local`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.switchable import events_of, findings

from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan, TargetSpec
from aws_conformance.errors import UsageError
from aws_conformance.frontends.command_line import main
from aws_conformance.frontends.target_words import parse_target
from aws_conformance.results.causes import causes
from aws_conformance.results.reports import REPORTS

OPERATIONS = ("cognito-idp:ListGroups",)


def _emulator(name: str) -> TargetSpec:
    try:
        return parse_target(name)
    except UsageError as error:
        pytest.skip(f"{name} is not installed: {error}")


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl")
@pytest.mark.parametrize("name", ["moto", "ministack", "cognito-local"])
def test_scripts_show_their_causes_again(name: str, tmp_path: Path) -> None:
    target = _emulator(name)
    events = events_of(Plan(OPERATIONS, target, phases=("enumerated",), max_time=120.0))
    with (tmp_path / "run.ndjson").open("w") as stream:
        write = REPORTS["ndjson"].begin(stream)
        for event in events:
            write(event)
    assert main(["reproduce", str(tmp_path / "run.ndjson"), "--out", str(tmp_path / "scripts")]) == 0
    grave = [cause for cause in causes(findings(events)) if cause.severity == "error"]
    assert grave
    for cause in grave:
        (script,) = (tmp_path / "scripts").glob(f"*-{cause.id}.sh")
        with opened(Plan(OPERATIONS, target)) as session:
            done = subprocess.run(
                ["bash", str(script)],
                env={**os.environ, "ENDPOINT_URL": session.url},
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
        answered = re.match(r"HTTP/1.1 (\d+)", cause.representative.reproduction.response)
        assert answered is not None
        statuses = re.findall(r"^HTTP/1.1 (\d+)", done.stdout, re.MULTILINE)
        assert statuses[-1:] == [answered[1]], f"{cause.title}: {done.stdout[-500:]}"
