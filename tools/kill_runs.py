# SPDX-License-Identifier: Apache-2.0
"""Kills runs, installations and updates of baselines at random moments, and looks at what is left of them.

    python -m tools.kill_runs --runs 15 --workers 15 --ledgers 6 --installs 6 --updates 8

Each kill is `kill -9` of the command's own process. Five seconds later no process of it may be there. What it
wrote must be readable, and the next command must come to what an undisturbed one comes to: a run that is
resumed to the same findings, an installation to an emulator that is found, an update to the same baseline,
`cleanup` to a target on which nothing is left.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # stubs would be one more dependency
from tools.kill_campaign import summary_of

from aws_conformance.cases.compile import contract_of
from aws_conformance.http import Request, Response, header
from aws_conformance.reference import ManualClock, Reference, Settings
from aws_conformance.targets.server import serve
from aws_conformance.targets.signing import Signer

__all__ = ["Killer", "main"]

_OPERATIONS = (
    "cognito-idp:GetCSVHeader",
    "cognito-idp:ListUserImportJobs",
    "cognito-idp:CreateUserImportJob",
)
_PLAN = ("--phase", "enumerated", "--effort", "quick", "--seed", "7", "-q")
_STARTED = ("--start", f"{sys.executable} -m aws_conformance serve cognito-idp --port {{port}} --seed 7")
_EMULATOR = "local-aws-sqs"
_MARK = "AWS_CONFORMANCE_KILLED"
# Seconds within which all that a killed command has started must be gone; and those that nothing takes.
_GONE, _LONGEST = 5.0, 600.0
_INSTANT = 0.05
_FINE = (0, 1)
# A run answers for at least so many pools.
_POOLS = 5


class Killer:
    """Carries out commands in a folder, to their end or not, and looks for what they leave behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []

    def carry_out(self, *words: str) -> float:
        """Carry out a command to its end; the seconds that it took."""
        began = time.monotonic()
        done = subprocess.run(
            self._command(words), cwd=self.folder, env=self._environment(""), capture_output=True, text=True,
            timeout=_LONGEST, check=False,
        )  # fmt: skip
        if done.returncode not in _FINE:
            self.faults.append(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-500:]}")
        return time.monotonic() - began

    def kill(self, seconds: float, *words: str) -> None:
        """Begin a command, kill it after so many seconds, and wait for what it has started to end."""
        mark = uuid.uuid4().hex
        process = self._begin(mark, words)
        time.sleep(seconds)
        self._end(process, mark, f"{' '.join(words)}: killed after {seconds:.2f} s")

    def kill_at(self, moment: threading.Event, *words: str) -> None:
        """The same, killed at a moment that somebody else tells of, or at its end if that comes first."""
        mark = uuid.uuid4().hex
        process = self._begin(mark, words)
        while not moment.wait(_INSTANT) and process.poll() is None:
            pass
        self._end(process, mark, f"{' '.join(words)}: killed at a chosen moment")

    def _begin(self, mark: str, words: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command(words),
            cwd=self.folder,
            env=self._environment(mark),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _end(self, process: subprocess.Popen[bytes], mark: str, title: str) -> None:
        process.kill()
        process.wait()
        until = time.monotonic() + _GONE
        while left := list(_marked(mark)):
            if time.monotonic() > until:
                names = [" ".join(item.cmdline())[:120] for item in left]
                self.faults.append(f"{title}, it left {names}")
                for item in left:
                    item.kill()
                return
            time.sleep(_INSTANT)

    def _command(self, words: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "aws_conformance", *words]

    def _environment(self, mark: str) -> dict[str, str]:
        cache = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        return {**os.environ, **cache, **({_MARK: mark} if mark else {})}


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(_MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except psutil.Error:
            continue


def _runs(killer: Killer, kills: int, *options: str) -> None:
    """Runs that are killed and resumed come to the findings of one that nobody disturbed."""
    run = ("run", *_OPERATIONS, *_PLAN, *_STARTED, *options)
    took = killer.carry_out(*run, "--report", "json=whole.json")
    undisturbed = _findings(killer.folder / "whole.json")
    for number in range(kills):
        log, summary = f"{number}.ndjson", killer.folder / f"{number}.json"
        killer.kill(random.uniform(0.1, took), *run, "--report", f"ndjson={log}")
        text = (killer.folder / log).read_text("utf-8") if (killer.folder / log).exists() else ""
        began = text.count("\n") > 1
        if began:
            killer.carry_out("report", "render", log, "markdown=page.md")
        ended = '"RunFinished"' in text[-2_000:]
        resumed = ("--resume", log) if began and not ended else ()
        killer.carry_out(*run, *resumed, "--report", f"json={summary.name}")
        if _findings(summary) != undisturbed:
            killer.faults.append(f"{' '.join(options)} {number}: other findings than those of a whole run")


def _findings(path: Path) -> Any:
    """What a summary comes to: findings, and how many cases of each outcome."""
    if not path.exists():
        return None
    summary = summary_of(json.loads(path.read_text("utf-8")))
    return sorted(violation["id"] for violation in summary["violations"]), summary["totals"]


@dataclass
class _Withholding:
    """A target that makes pools and, at one of them, keeps its answer back until it is let go."""

    handle: Callable[[Request], Response]
    # How many pools are answered for before that; none is kept back where it is None.
    answered: int | None = None
    kept_back: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def withhold(self, answered: int | None) -> None:
        """From now on answer for so many pools, then keep back."""
        self.answered = answered
        self.kept_back.clear()
        self.let_go.clear()

    def answer(self, request: Request) -> Response:
        response = self.handle(request)
        is_creation = (header(request.headers, "x-amz-target") or "").endswith(".CreateUserPool")
        if is_creation and response.status == 200 and self.answered is not None:
            self.answered -= 1
            if self.answered < 0:
                self.kept_back.set()
                self.let_go.wait(_LONGEST)
        return response


def _ledgers(killer: Killer, kills: int) -> None:
    """After a run with a ledger was killed, `cleanup` leaves nothing on the target.

    At every second kill the run is waiting for the answer of a creation.
    """
    reference = Reference(Settings(seed=7, accept_any=True), ManualClock(1_700_000_000.0))
    contract = contract_of("cognito-idp")
    lists = contract.protocol.encode_request(
        contract.service, contract.operation("ListUserPools"), {"MaxResults": 60}
    )
    signer = Signer("AKIDANYBODY", "any-secret", "us-east-1", contract.service.signing_name)
    target = _Withholding(reference.handle)
    with serve(target.answer) as server:
        run = ("run", *_OPERATIONS, *_PLAN, "--target", server.url, "--ledger")
        took = killer.carry_out(*run, "whole.ledger")
        for number in range(kills):
            ledger = f"{number}.ledger"
            if number % 2:
                killer.kill(random.uniform(0.3, took), *run, ledger)
            else:
                target.withhold(random.randrange(_POOLS))
                killer.kill_at(target.kept_back, *run, ledger)
                target.answered = None
                target.let_go.set()
            if not (killer.folder / ledger).exists():
                continue
            killer.carry_out("cleanup", ledger)
            host = server.url.removeprefix("http://")
            signed = signer.sign(lists, host, datetime.now(UTC)).with_headers([("Host", host)])
            pools = json.loads(reference.handle(signed).body)["UserPools"]
            if pools:
                killer.faults.append(f"after the kill {number} a cleanup left {pools}")


def _installs(killer: Killer, kills: int) -> None:
    """An installation that was killed is none, and the next is one."""
    took = killer.carry_out("targets", "install", _EMULATOR)
    for number in range(kills):
        subprocess.run(["rm", "-r", str(killer.folder / "cache")], check=True)
        killer.kill(random.uniform(0.1, took), "targets", "install", _EMULATOR)
        killer.carry_out("targets")
        killer.carry_out("targets", "install", _EMULATOR)
        rest = [path.name for path in (killer.folder / "cache" / "aws-conformance" / "targets").iterdir()]
        if len([name for name in rest if name.startswith(_EMULATOR)]) != 1 or len(rest) != 1:
            killer.faults.append(f"after the kill {number} the folder of emulators has {rest}")


def _updates(killer: Killer, kills: int) -> None:
    """A baseline whose update was killed is as it was, or as the update makes it."""
    file = killer.folder / "known.yaml"
    update = ("baseline", "update", file.name, *_OPERATIONS, *_PLAN[:-1], *_STARTED, "--name", "ours")
    took = killer.carry_out(*update)
    after = file.read_text("utf-8")
    for number in range(kills):
        file.unlink(missing_ok=True)
        killer.kill(random.uniform(took * 0.5, took), *update)
        if file.exists() and file.read_text("utf-8") != after:
            killer.faults.append(f"after the kill {number} the baseline is neither the old nor the new one")
        killer.carry_out(*update)
        if file.read_text("utf-8") != after:
            killer.faults.append(f"after the kill {number} another update made another baseline")
        rest = [path.name for path in killer.folder.iterdir() if path.name.startswith(".")]
        if len(rest) > number + 1:
            killer.faults.append(f"files that nobody reads are left: {rest}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill so often of each kind; 0 if nothing was lost and nothing was left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    kinds: dict[str, tuple[int, Callable[[Killer, int], None]]] = {
        "runs": (15, lambda killer, kills: _runs(killer, kills)),
        "workers": (15, lambda killer, kills: _runs(killer, kills, "--workers", "2")),
        "ledgers": (6, _ledgers),
        "installs": (6, _installs),
        "updates": (8, _updates),
    }
    for kind, (usual, _) in kinds.items():
        parser.add_argument(f"--{kind}", type=int, default=usual)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    random.seed(chosen.seed)
    faults = []
    for kind, (_, work) in kinds.items():
        kills = getattr(chosen, kind)
        if not kills:
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"aws-conformance-{kind}-") as folder:
            killer = Killer(Path(folder))
            work(killer, kills)
            faults += killer.faults
        print(
            f"{kind}: {kills} kills, {time.monotonic() - began:.0f} s, {len(killer.faults)} faults",
            flush=True,
        )
        for fault in killer.faults:
            print(f"  {fault}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
