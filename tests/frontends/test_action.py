# SPDX-License-Identifier: Apache-2.0
"""The action for GitHub: its own steps, run as a runner does, on a wrong target and on a right one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.switchable import DESCRIBE, conforming, miniature, switchable

ROOT = Path(__file__).parents[2]
ACTION: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
EXPRESSION = re.compile(r"\$\{\{ (inputs|steps)\.([\w.]+) \}\}")


@dataclass(frozen=True, slots=True)
class Job:
    """What became of the steps: the exit code of the last, its output, what it wrote for the runner."""

    code: int
    said: str
    summary: str
    outputs: Mapping[str, str]


def carried_out(folder: Path, inputs: Mapping[str, str]) -> Job:
    """Runs the steps but the installation, which would take a network; the command is the one under test."""
    values = {f"inputs.{name}": row.get("default", "") for name, row in ACTION["inputs"].items()}
    values |= {f"inputs.{name}": value for name, value in inputs.items()}
    files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    code, said = 0, ""
    for step in ACTION["runs"]["steps"][1:]:
        environment = {
            name: EXPRESSION.sub(lambda match: values[f"{match[1]}.{match[2]}"], text)
            for name, text in step["env"].items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=folder,
            env={
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "HOME": str(folder),
                **{name: str(file) for name, file in files.items()},
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        code, said = done.returncode, said + done.stdout + done.stderr
        for line in files["GITHUB_OUTPUT"].read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            values[f"steps.{step.get('id')}.outputs.{name}"] = value
        if code:
            break
    outputs = {
        name: EXPRESSION.sub(lambda match: values[f"{match[1]}.{match[2]}"], row["value"])
        for name, row in ACTION["outputs"].items()
    }
    return Job(code, said, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"), outputs)


def test_nothing_of_an_input_stands_in_a_script() -> None:
    """An expression in a script is replaced before bash reads it, so what is in it would be run."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_a_wrong_target_fails_with_annotations_and_a_right_one_passes(tmp_path: Path) -> None:
    """In one test, because each run of the command takes a while: the second is compared with the first."""
    wrong, right = tmp_path / "wrong", tmp_path / "right $(touch ran)"
    for folder in (wrong, right):
        folder.mkdir()
    with switchable(miniature("counter-as-text")) as target:
        inputs = {
            "operations": DESCRIBE,
            "target": target.url,
            "options": "--phase enumerated --name $(touch${IFS}ran)",
        }
        failed = carried_out(wrong, inputs)
        target.handler = conforming(DESCRIBE)
        passed = carried_out(right, {**inputs, "before": str(wrong / "conformance-reports" / "run.ndjson")})
    assert failed.code == 1
    assert re.search(r"^::error title=bytes%2C 1 place", failed.said, re.MULTILINE)
    assert failed.summary.startswith("## ❌ Conformance of `$(touch${IFS}ran)`: exit 1")
    assert failed.outputs["exit"] == "1"
    assert (wrong / failed.outputs["sarif"]).stat().st_size > 1_000
    assert (wrong / failed.outputs["page"]).read_text("utf-8").startswith("<!doctype html>")
    assert passed.code == 0, passed.said
    assert "::error" not in passed.said
    assert "**0 new**, **1 fixed**" in passed.summary
    assert not list(tmp_path.rglob("ran"))


def test_a_target_that_does_not_answer_fails_by_its_own_code(tmp_path: Path) -> None:
    job = carried_out(tmp_path, {"operations": DESCRIBE, "target": "http://127.0.0.1:9"})
    assert job.code == 3
    assert re.match(r"## ❌ Conformance of `http://127.0.0.1:9`: exit 3", job.summary)
    assert "error: " in job.said


def test_the_example_names_inputs_and_outputs_that_there_are() -> None:
    text = (ROOT / "docs" / "examples" / "github-composite.yml").read_text("utf-8")
    steps = yaml.safe_load(text)["jobs"]["conformance"]["steps"]
    (step,) = (step for step in steps if step.get("id") == "conformance")
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert set(re.findall(r"steps\.conformance\.outputs\.(\w+)", text)) <= set(ACTION["outputs"])


@pytest.mark.parametrize("name", sorted(ACTION["inputs"]))
def test_every_input_is_used(name: str) -> None:
    used = {
        match[2]
        for step in ACTION["runs"]["steps"]
        for text in step.get("env", {}).values()
        for match in EXPRESSION.finditer(text)
    }
    assert name in used
