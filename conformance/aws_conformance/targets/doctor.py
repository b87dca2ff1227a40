# SPDX-License-Identifier: Apache-2.0
"""What an emulator needs of this machine, and whether it is there.

It owns the questions. It refuses to mend anything: installing is installed.py's, starting process.py's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from .installed import installations
from .presets import Preset
from .registries import CLIENTS, interpreter

__all__ = ["Diagnosis", "diagnosed"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Something that an emulator needs: what it is, what is there, and what to do where nothing is."""

    what: str
    there: str
    remedy: str = ""

    @property
    def well(self) -> bool:
        """Whether it is there."""
        return not self.remedy


def diagnosed(preset: Preset) -> Iterator[Diagnosis]:
    """All that a preset needs, in the order in which it is needed."""
    if preset.registry != "none":
        yield from _client(preset)
    for program in preset.needs:
        yield _program(program, "it is started with this")
    if preset.url:
        for what, path in (("its certificate", preset.ca_bundle), ("its keys", preset.credentials)):
            if path:
                file = Path(path).expanduser()
                remedy = "" if file.is_file() else f"{file} is not there. {preset.note}".rstrip()
                yield Diagnosis(what, str(file) if file.is_file() else "missing", remedy)
    elif preset.registry != "none":
        versions = [item.version for item in installations() if item.preset == preset]
        remedy = "" if versions else f"aws-conformance targets install {preset.name}"
        yield Diagnosis("an installed version", " ".join(versions) or "none", remedy)


def _client(preset: Preset) -> Iterator[Diagnosis]:
    tool = CLIENTS[preset.registry].tool
    if tool:
        yield _program(tool, f"{preset.package} is installed with this")
    if preset.python:
        try:
            yield Diagnosis(f"Python {preset.python}", interpreter(preset.python))
        except UsageError as error:
            yield Diagnosis(f"Python {preset.python}", "missing", str(error))


def _program(name: str, why: str) -> Diagnosis:
    path = shutil.which(name)
    return Diagnosis(name, path or "missing", "" if path else f"Install {name}: {why}.")
