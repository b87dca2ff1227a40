# SPDX-License-Identifier: Apache-2.0
"""No canary and no cheater is called conforming, and none hangs a run or exhausts its memory.

Canaries (tests/canaries.py) are wrong without knowing any operation; cheaters (tests/miniatures/
cheaters.py) know the model and do none of the work. Each runs the default plan in a process of its own,
because peak memory is a process's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.canaries import CANARIES
from tests.miniatures.cheaters import CHEATERS

_MEASURE = Path(__file__).parent / "miniatures" / "measure.py"
# Seconds for each request: short, because some servers never answer.
_TIMEOUT = 0.5
# A run's time, in looks at the clock, and what may be under way when it is up, in requests.
_MAX_LOOKS, _UNDER_WAY = 200, 5
# Seconds, which bound nothing but a hang.
_HANG = 1200
_MEMORY = 200_000_000


def _measured(url: str, *limits: float) -> dict[str, Any]:
    """The default plan against an address, with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(_MEASURE), url, *map(str, limits)],
        capture_output=True,
        text=True,
        timeout=_HANG,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _rows() -> list[Any]:
    return [pytest.param(canary, id=name) for name, canary in {**CANARIES, **CHEATERS}.items()]


@pytest.mark.parametrize("canary", _rows())
def test_it_never_conforms_nor_hangs_nor_exhausts(canary: Any) -> None:
    with canary() as url:
        measured = _measured(url, _TIMEOUT, _MAX_LOOKS)
    assert measured["exit"] in (1, 4), measured["reasons"]
    assert measured["reasons"]
    assert measured["late"] <= _UNDER_WAY
    assert measured["grown"] < _MEMORY


def test_the_measure_calls_the_reference_conforming() -> None:
    """Without this, a measure that failed everybody would prove the canaries wrong."""
    from aws_conformance.reference import Reference
    from aws_conformance.targets.server import serve

    with serve(Reference().handle) as server:
        measured = _measured(server.url, 60.0)
    assert (measured["exit"], measured["verified"] > 200) == (0, True), measured
