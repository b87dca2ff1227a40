# SPDX-License-Identifier: Apache-2.0
"""Nothing that a run started outlives it, not even when it is killed in a way that no handler sees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# Of operations that may be explored side by side.
SELECTORS = ("cognito-idp:GetCSVHeader", "cognito-idp:ListUserPools")
# Its answers never come to an end, so that a run is under way whenever it is looked at.
SERVER = """
import http.server, os, pathlib, sys, time
class Slow(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def do_POST(self):
        pathlib.Path(f"{os.environ['PIDS']}/asked-{os.getpid()}").touch()
        time.sleep(600)
    def log_message(self, *_):
        pass
pathlib.Path(f"{os.environ['PIDS']}/server-{os.getpid()}").touch()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Slow).serve_forever()
"""
# Seconds that processes may take to be gone; what bounds the wait for them to come, only a hang.
_GONE, _HANG = 5.0, 60.0


def _of_session(session: int) -> set[int]:
    """Processes that live in a session."""
    members = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text("utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            if int(text[3]) == session and text[0] != "Z":
                members.add(int(entry.name))
    return members


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_workers_and_their_targets_end_with_the_run(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER, "utf-8")
    command = f"{sys.executable} {tmp_path / 'server.py'} {{port}}"
    run = subprocess.Popen(
        [sys.executable, "-m", "aws_conformance", "run", *SELECTORS, "--workers", "2", "--start", command],
        env=os.environ | {"PIDS": str(tmp_path)},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + _HANG
        while len(list(tmp_path.glob("asked-*"))) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        servers = {int(path.name.partition("-")[2]) for path in tmp_path.glob("server-*")}
        assert len(servers) == 2
        run.kill()
        run.wait(_HANG)
    finally:
        run.kill()
        run.wait()
    until = time.monotonic() + _GONE
    while left := _of_session(run.pid) | {pid for pid in servers if _alive(pid)}:
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == set()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_a_worker_that_is_still_importing_ends_with_the_run(tmp_path: Path) -> None:
    """What it imports takes seconds on a busy machine; here it never comes to an end."""
    (tmp_path / "sluggish.py").write_text(
        "import multiprocessing, pathlib, time\n"
        "def work(part, outbox): pass\n"
        "if multiprocessing.parent_process() is not None:\n"
        "    pathlib.Path('importing').touch()\n"
        "    time.sleep(600)\n",
        "utf-8",
    )
    (tmp_path / "parent.py").write_text(
        "import multiprocessing\n"
        "from aws_conformance.engine.orphans import begin_worker, packed\n"
        "if __name__ == '__main__':\n"
        "    import sluggish\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    parcel = packed(sluggish.work, None)\n"
        "    worker = context.Process(target=begin_worker, args=(parcel, None))\n"
        "    worker.start()\n"
        "    worker.join()\n",
        "utf-8",
    )
    parent = subprocess.Popen([sys.executable, "parent.py"], cwd=tmp_path, start_new_session=True)
    try:
        until = time.monotonic() + _HANG
        while not (tmp_path / "importing").exists() and time.monotonic() < until:
            time.sleep(0.05)
        assert (tmp_path / "importing").exists()
    finally:
        parent.kill()
        parent.wait()
    until = time.monotonic() + _GONE
    while _of_session(parent.pid):
        assert time.monotonic() < until, _of_session(parent.pid)
        time.sleep(0.05)
