# SPDX-License-Identifier: Apache-2.0
"""Real clients walk the whole life of an import job on the reference, and one of them is strict.

It owns how clients are found and run, and what a walk must show. Each walk is a program of its own in this
folder, because real programs are what the reference has to serve; tools/make_walks.py installs what they
need. A client that is missing skips its test, and fails it where the variable CI is set.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.http import Request, Response
from aws_conformance.reference import ACCESS_KEY, REGION, SECRET_KEY, Reference, Settings
from aws_conformance.targets.server import Handler
from aws_conformance.targets.server import serve as listen

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
INSTALLED = ROOT / ".walks"
AWS = INSTALLED / "awscli" / "bin" / "aws"
MODULES = INSTALLED / "js" / "node_modules"
# The job itself takes 4 seconds; a slow machine starts the `aws` command a dozen times.
PATIENCE = 180.0

COMMANDS: dict[str, tuple[str, ...]] = {
    "aws": (sys.executable, "-m", "tests.walks.walk_aws", str(AWS)),
    "boto3": (sys.executable, "-m", "tests.walks.walk_boto3"),
    "javascript": ("node", str(HERE / "js" / "walk.cjs")),
}


def _lacking(client: str) -> str:
    """What a client needs and this machine lacks, or the empty string."""
    match client:
        case "aws":
            return (
                "" if AWS.is_file() else "the aws command is not in .walks/awscli; `make walks` puts it there"
            )
        case "boto3":
            return (
                "" if importlib.util.find_spec("boto3") else "boto3 is not installed; the extra `test` has it"
            )
        case _:
            if shutil.which("node") is None:
                return "there is no node on the path"
            return "" if MODULES.is_dir() else "the SDK is not in .walks/js; `make walks` puts it there"


def require(client: str) -> None:
    """Skip the test without the client; where everything has to be (CI), fail it."""
    reason = _lacking(client)
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def walk(client: str, url: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a client's walk against a server, with nothing of this machine's own AWS configuration."""
    require(client)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "NODE_PATH": str(MODULES),
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return subprocess.run(
        COMMANDS[client],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def served() -> Iterator[str]:
    """The URL of the reference, served by the command line on a free port as its users serve it."""
    start = "import sys; from aws_conformance.cli import main; sys.exit(main())"
    words = (sys.executable, "-c", start, "serve", "cognito-idp")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.send_signal(signal.SIGTERM)
            said = server.communicate(timeout=180)[1]
    # A handler that raised would have told so, and a client may have tried again.
    assert "error" not in said
    assert server.returncode == 0


def assert_walked(done: subprocess.CompletedProcess[str], began: float) -> None:
    """The walk came to its end and saw what really happened."""
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["statuses"][0] == "Created"
    assert seen["statuses"][-1] == "Succeeded"
    # How many of the states between are seen depends on when the client looks.
    assert _in_order(seen["statuses"], ("Created", "Pending", "InProgress", "Succeeded"))
    assert seen["counters"] == [1, 0, 0]
    assert seen["users"] == ["walker"]
    # To the second: the JavaScript SDK and AWS itself have milliseconds.
    assert int(began) <= seen["created"] <= time.time()


def _in_order(seen: Sequence[str], known: Sequence[str]) -> bool:
    places = [known.index(status) for status in seen]
    return places == sorted(set(places))


@pytest.mark.parametrize("client", COMMANDS)
def test_a_client_walks_through_an_import(client: str, tmp_path: Path) -> None:
    require(client)
    began = time.time()
    with served() as url:
        assert_walked(walk(client, url, tmp_path), began)


@pytest.mark.parametrize("folder", ["js", "chromium", "schemas"])
def test_the_lock_file_says_what_and_not_from_where(folder: str) -> None:
    """An address in it would be one machine's, and would be asked by all others."""
    lock = (HERE / folder / "package-lock.json").read_text("utf-8")
    assert '"integrity"' in lock
    assert "://" not in lock


def test_in_ci_a_missing_client_is_a_failure_and_elsewhere_a_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "AWS", HERE / "nowhere")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="make walks"):
        require("aws")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="make walks"):
        require("aws")


# --- how strict they are


def quick() -> Handler:
    """A reference whose jobs are done almost at once."""
    return Reference(Settings(pending_seconds=0.2, progress_seconds=0.2)).handle


def dated_in_words(handler: Handler) -> Handler:
    """A miniature: what it tells of jobs has CreationDate as text, the protocol has epoch seconds."""

    def handle(request: Request) -> Response:
        response = handler(request)
        document: Any = json.loads(response.body) if response.body.startswith(b"{") else {}
        job = document.get("UserImportJob")
        if job is None:
            return response
        job["CreationDate"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(job["CreationDate"]))
        return Response(response.status, response.headers, json.dumps(document).encode())

    return handle


def test_javascript_refuses_a_date_in_words(tmp_path: Path) -> None:
    with listen(dated_in_words(quick())) as server:
        done = walk("javascript", server.url, tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    # Its own complaint about that value, rather than any other mishap.
    assert "TypeError: Expected real number" in done.stderr
    assert "parseEpochTimestamp" in done.stderr


def test_javascript_has_no_other_reason_to_refuse_it(tmp_path: Path) -> None:
    began = time.time()
    with listen(quick()) as server:
        assert_walked(walk("javascript", server.url, tmp_path), began)


def test_boto3_takes_a_date_in_words_so_bytes_are_what_is_checked(tmp_path: Path) -> None:
    began = time.time()
    with listen(dated_in_words(quick())) as server:
        assert_walked(walk("boto3", server.url, tmp_path), began)
