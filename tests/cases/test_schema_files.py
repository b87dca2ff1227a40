# SPDX-License-Identifier: Apache-2.0
"""The committed schemas: up to date, the same bytes on every run, and their check tells what is not."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aws_conformance.cases.schema_files import Staleness, contents, stale, write
from aws_conformance.errors import UsageError
from aws_conformance.spec.botocore import load_service, model_version

ROOT = Path(__file__).parents[2]
SERVICES = ["cognito-idp"]
OPERATIONS = load_service("cognito-idp").operations
LOCKED = re.search(r"(?m)^botocore==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"))


@pytest.mark.skipif(
    LOCKED is None or LOCKED[1] != model_version(),
    reason="the committed schemas are of the locked botocore, and another one is installed",
)
def test_the_committed_schemas_are_up_to_date() -> None:
    assert stale(ROOT / "schemas", SERVICES) == Staleness()
    files = sorted(path.name for path in (ROOT / "schemas" / "cognito-idp").rglob("*.json"))
    assert len(files) == 3 * len(OPERATIONS)
    assert set(files) == {"input.json", "output.json", "errors.json"}


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    program = (
        "import hashlib; from aws_conformance.cases.schema_files import contents;"
        "made = contents(['cognito-idp', 'sqs']);"
        "print(hashlib.sha256(repr(list(made.items())).encode()).hexdigest())"
    )
    here = hashlib.sha256(repr(list(contents(["cognito-idp", "sqs"]).items())).encode()).hexdigest()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == here


def test_what_is_stale_is_named_and_put_right(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    write(folder, SERVICES)
    (folder / "config.json").write_text("{}", "utf-8")
    assert not stale(folder, SERVICES)
    (folder / "cognito-idp" / "SignUp" / "input.json").unlink()
    changed = folder / "cognito-idp" / "GetUser" / "output.json"
    # A line end is a difference too.
    changed.write_bytes(changed.read_bytes().replace(b"\n", b"\r\n"))
    extra = folder / "cognito-idp" / "GoneOperation" / "input.json"
    extra.parent.mkdir()
    extra.write_text("{}", "utf-8")
    staleness = stale(folder, SERVICES)
    assert staleness == Staleness(
        missing=("cognito-idp/SignUp/input.json",),
        changed=("cognito-idp/GetUser/output.json",),
        superfluous=("cognito-idp/GoneOperation/input.json",),
    )
    assert write(folder, SERVICES) == staleness
    assert not stale(folder, SERVICES)
    assert not extra.parent.exists()
    assert (folder / "config.json").read_text("utf-8") == "{}"


def test_the_tool_exits_with_1_when_anything_is_stale(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tools" / "make_schemas.py"), "--folder", str(tmp_path)]
    checked = subprocess.run([*command, "--check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 1
    assert "missing      cognito-idp/AddCustomAttributes/errors.json" in checked.stdout
    assert "make_schemas.py" in checked.stderr
    assert list(tmp_path.iterdir()) == []
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert subprocess.run([*command, "--check"], capture_output=True, check=False).returncode == 0
    # Beside those of the service: two of the vocabulary, and one of each of our own formats.
    assert len(list(tmp_path.glob("cognito-idp/*/*.json"))) == 3 * len(OPERATIONS)
    assert len(list(tmp_path.rglob("*.json"))) == 3 * len(OPERATIONS) + 2 + 5


def test_an_unknown_service_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no service named 'cognito-ipd'"):
        write(tmp_path, ["cognito-ipd"])
