# SPDX-License-Identifier: Apache-2.0
"""Kills campaigns, their workers and their targets at random moments, and compares what comes of it.

    python -m tools.kill_campaign --campaigns 20 --workers 20 --targets 20

Each kill is `kill -9`. A campaign that is killed is begun again by the same command; whatever else is killed,
the campaign has to see to. At the end of each, its summary has to be that of a campaign that nobody
disturbed, but for times and for what is told of deaths.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # stubs would be one more dependency

from aws_conformance.targets import watchdog

__all__ = ["Campaign", "main", "summary_of", "targets_below"]

_NAMES = ("GetCSVHeader", "CreateUserImportJob", "DescribeUserImportJob", "ListUserImportJobs")
_OPERATIONS = tuple(f"cognito-idp:{name}" for name in _NAMES)
_PLAN = ["--phase", "enumerated,random", "--effort", "quick", "--seed", "7", "--workers", "2", "--cuts", "12"]
_PLAN += ["--rounds", "1"]
_STARTED = ["--start", f"{sys.executable} -m aws_conformance serve cognito-idp --port {{port}} --seed 7"]
_WATCHDOG = str(Path(watchdog.__file__))
# Seconds that a campaign may take to show that it has begun, or to come to its end.
_LONGEST = 600.0
# What the log of a database weighs before anything but its tables is in it.
_EMPTY = 64 * 1024


class Campaign:
    """A campaign as a process of its own, in a folder; `options` are those of its plan."""

    def __init__(self, folder: Path, options: Sequence[str], operations: Sequence[str] = _OPERATIONS) -> None:
        self.folder = folder
        self._command = [sys.executable, "-m", "aws_conformance", "campaign", *operations, *options]
        self._command += ["--dir", str(folder), "-q", "--report", f"json={folder / 'summary.json'}"]
        self.process = self._begun()

    def units(self) -> int:
        """How many units it has written down, by its file alone: the database is held by the campaign."""
        log = self.folder / "campaign.sqlite-wal"
        return max(0, log.stat().st_size - _EMPTY) if log.exists() else 0

    def _begun(self) -> psutil.Popen:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "output.txt").open("ab") as output:
            return psutil.Popen(self._command, stdout=output, stderr=subprocess.STDOUT)

    def kill(self) -> None:
        """Kill the campaign's own process, and begin it again; it may have come to its end before."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = self._begun()

    def workers(self) -> list[psutil.Process]:
        """Its worker processes."""
        return [child for child in _children(self.process) if _is_worker(child)]

    def targets(self) -> list[psutil.Process]:
        """The targets that its workers have started."""
        return [target for worker in self.workers() for target in targets_below(worker)]

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def end(self) -> dict[str, Any]:
        """Wait for its end; its summary, without what differs between equal runs."""
        code = self.process.wait(timeout=_LONGEST)
        if code not in (0, 1):
            raise SystemExit(f"A campaign ended with {code}:\n{(self.folder / 'output.txt').read_text()}")
        return summary_of(json.loads((self.folder / "summary.json").read_text("utf-8")))


def targets_below(process: psutil.Process) -> list[psutil.Process]:
    """The targets that a process has started: what its watchdogs watch, and no watchdog.

    A watchdog has the command of its target among its own words, and so has, for an instant, what it has just
    forked.
    """
    return [
        child
        for watchdog in _children(process)
        if _is_watchdog(watchdog)
        for child in _children(watchdog, recursive=False)
        if _is_running(child) and not _is_watchdog(child)
    ]


def _children(process: psutil.Process, *, recursive: bool = True) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=recursive))
    except psutil.NoSuchProcess:
        return []


def _is_watchdog(process: psutil.Process) -> bool:
    """Whether what a process carries out is our watchdog, by the script that its interpreter was given."""
    script = next((word for word in _words(process)[1:] if not word.startswith("-")), "")
    return script == _WATCHDOG


def _is_running(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _is_worker(process: psutil.Process) -> bool:
    words = " ".join(_words(process))
    return "spawn_main" in words and "resource_tracker" not in words


def summary_of(raw: dict[str, Any]) -> dict[str, Any]:
    """A summary without times, without what a target makes up, and without stories of its deaths."""
    for violation in raw["violations"]:
        violation["reproduce"]["request"] = violation["reproduce"]["response"] = ""
    for operation in raw["operations"].values():
        operation.pop("deaths", None)
    return {key: value for key, value in raw.items() if key not in ("elapsed", "started")}


def _kill_some(victims: Callable[[Campaign], list[psutil.Process]]) -> Callable[[Campaign], bool]:
    def kill(campaign: Campaign) -> bool:
        there = victims(campaign)
        if not there:
            return False
        try:
            random.choice(there).send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            return False
        return True

    return kill


def _kill_all(campaign: Campaign) -> bool:
    campaign.kill()
    return True


def _disturbed(
    name: str,
    kills: int,
    kill: Callable[[Campaign], bool],
    options: Sequence[str],
    operations: Sequence[str],
    longest: float,
    folder: Path,
) -> Iterator[dict[str, Any]]:
    """The summaries of campaigns that were disturbed so often in all."""
    number = 0
    while kills > 0:
        number += 1
        began = time.monotonic()
        campaign = Campaign(folder / f"{name}-{number}", [*_PLAN, *options], operations)
        here = 0
        while kills > 0 and campaign.running:
            time.sleep(random.uniform(0.0, longest))
            if campaign.running and kill(campaign):
                kills -= 1
                here += 1
        summary = campaign.end()
        print(f"{name} {number}: {here} kills, {time.monotonic() - began:.0f} s", flush=True)
        yield summary


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for kind in ("campaigns", "workers", "targets"):
        parser.add_argument(f"--{kind}", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operation", action="append", help="what is checked; the import jobs if not given")
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    operations = tuple(arguments.operation or _OPERATIONS)
    kinds = {
        "campaigns": (arguments.campaigns, _kill_all, [], 0.6),
        "workers": (arguments.workers, _kill_some(Campaign.workers), [], 0.3),
        "targets": (arguments.targets, _kill_some(Campaign.targets), _STARTED, 0.2),
    }
    different = 0
    with tempfile.TemporaryDirectory(prefix="aws-conformance-kills-") as folder:
        for name, (kills, kill, options, part) in kinds.items():
            if not kills:
                continue
            began = time.monotonic()
            undisturbed = Campaign(Path(folder) / f"{name}-undisturbed", [*_PLAN, *options], operations).end()
            took = time.monotonic() - began
            cases = undisturbed["totals"]["cases"]
            print(f"{name}: undisturbed {took:.0f} s, {cases} cases", flush=True)
            for summary in _disturbed(name, kills, kill, options, operations, took * part, Path(folder)):
                for key in sorted(undisturbed):
                    before, now = undisturbed[key], summary.get(key)
                    if before != now:
                        different += 1
                        print(f"  DIFFERENT {key}: {str(before)[:300]} | {str(now)[:300]}")
    print("all equal" if not different else f"{different} differences")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
