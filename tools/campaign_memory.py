# SPDX-License-Identifier: Apache-2.0
"""Measures the memory of a campaign of many cases on the stub: its own process's and its worker's.

    python -m tools.campaign_memory --cases 1000000

Prints a line every minute: cases, and the megabytes of each process (the last is the worker).
"""

from __future__ import annotations

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # stubs would be one more dependency

__all__ = ["main"]

_OPERATIONS = ("sqs:SendMessage", "sqs:CreateQueue")
# Of what a unit of a round has, so many cases are different from one another.
_DIFFERENT = 130
_MEGABYTE = 1024 * 1024
_CASES = re.compile(r"units ([0-9]+) of [0-9]+, ([0-9]+) cases")


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    cases = parser.parse_args().cases
    port = _free_port()
    kit = [sys.executable, "-m", "aws_conformance"]
    rounds = cases // _DIFFERENT // len(_OPERATIONS)
    with tempfile.TemporaryDirectory(prefix="aws-conformance-memory-") as folder:
        output = Path(folder, "output.txt")
        stub = subprocess.Popen([*kit, "serve", "sqs", "--port", str(port)], stdout=subprocess.DEVNULL)
        try:
            time.sleep(10)
            command = [*kit, "campaign", *_OPERATIONS, "--target", f"http://127.0.0.1:{port}"]
            command += ["--phase", "enumerated,random", "--workers", "1", "--cuts", "2", "--seed", "1"]
            command += ["--rounds", str(rounds), "--dir", folder]
            with output.open("w", encoding="utf-8") as stream:
                campaign = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=stream)
            _watched(campaign, output)
            return int(campaign.wait())
        finally:
            stub.terminate()
            stub.wait()


def _watched(campaign: psutil.Popen, output: Path) -> None:
    last = ""
    while campaign.poll() is None:
        time.sleep(5)
        *_, line = ["", *output.read_text("utf-8").splitlines()]
        seen = _CASES.search(line)
        if seen is None or line == last:
            continue
        last = line
        try:
            processes = [campaign, *campaign.children(recursive=True)]
            sizes = [process.memory_info().rss // _MEGABYTE for process in processes]
        except psutil.NoSuchProcess:
            continue
        print(f"{int(seen[2]):>9} cases: {' '.join(map(str, sizes))} MB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
