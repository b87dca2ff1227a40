# SPDX-License-Identifier: Apache-2.0
"""Emulators by name: what each is installed from, how it is started, and how it says what it lacks.

It owns the reading of data/presets.yaml and of words such as `moto==5.1.11`. It refuses to know what is
installed (installed.py), and starts nothing (process.py): a preset is a command with its surroundings.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from ..errors import UsageError, did_you_mean

__all__ = [
    "Preset",
    "Registry",
    "RequestedPreset",
    "add_presets",
    "parse_requested",
    "presets",
    "read_presets",
]

Registry: TypeAlias = Literal["pip", "npm", "cargo", "go", "maven", "none"]

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
# A version becomes part of a folder's name and of a requirement, so it is no more than letters and dots.
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Preset:
    """One emulator; the fields are those of data/presets.yaml, which tells what each means."""

    name: str
    registry: Registry = "none"
    package: str = ""
    command: str = ""
    health: str = ""
    services: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    module: str = ""
    python: str = ""
    needs: tuple[str, ...] = ()
    note: str = ""
    url: str = ""
    ca_bundle: str = ""
    credentials: str = ""
    keys: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    not_implemented: tuple[str, ...] = ()
    ready_seconds: float = 60.0

    def requirement(self, version: str = "") -> str:
        """What its registry's client is asked to install."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        between = {"npm": "@", "cargo": "@", "go": "@v", "maven": ":"}.get(self.registry, "==")
        return f"{self.package}{extras}{between}{version}" if version else f"{self.package}{extras}"


@dataclass(frozen=True, slots=True)
class RequestedPreset:
    """A preset and the version that somebody asked for; an empty version leaves the choice to us."""

    preset: Preset
    version: str = ""

    def __str__(self) -> str:
        return f"{self.preset.name}=={self.version}" if self.version else self.preset.name


# Presets of a project's own, by name (`add_presets`).
_OWN: dict[str, Preset] = {}


def presets() -> Mapping[str, Preset]:
    """All presets by name: those of the kit in its table's order, then those of the project."""
    return MappingProxyType({**_of_the_kit(), **_OWN})


def add_presets(rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Add a project's own presets, for as long as this process lives.

    Raises UsageError for a name that is taken or none, and for a row that starts nothing.
    """
    for name, row in rows.items():
        preset = _preset(name, row)
        if name in _of_the_kit() or not _NAME.fullmatch(name):
            raise UsageError(f"A preset can't be named {name!r}.", "Take lower-case letters and dashes.")
        if bool(preset.command) == bool(preset.url):
            raise UsageError(f"The preset {name!r} needs a command or a url.", "Give one of the two.")
        if preset.registry != "none" and not preset.package:
            raise UsageError(f"The preset {name!r} names a registry and no package.", "Name the package.")
        _OWN[name] = preset


@functools.cache
def _of_the_kit() -> Mapping[str, Preset]:
    text = resources.files("aws_conformance").joinpath("data/presets.yaml").read_text("utf-8")
    return read_presets(text)


def read_presets(text: str) -> Mapping[str, Preset]:
    """The presets of a table by name, in its order."""
    # `--help` shows no preset.
    import yaml

    raw: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return MappingProxyType({name: _preset(name, row) for name, row in raw.items()})


def _preset(name: str, row: Mapping[str, Any]) -> Preset:
    return Preset(name=name, **{key.replace("-", "_"): _frozen(value) for key, value in row.items()})


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType(value)
    return tuple(value) if isinstance(value, list) else value


def parse_requested(word: str) -> RequestedPreset:
    """The preset and version that a word such as `moto` or `moto==5.1.11` names.

    Raises UsageError for a name that no preset has and for a version that is none.
    """
    name, equals, version = word.strip().partition("==")
    preset = presets().get(name)
    if preset is None:
        hint = did_you_mean(name, presets()) or f"There is {', '.join(presets())}."
        raise UsageError(f"There is no emulator named {name!r}.", hint)
    if equals and not _VERSION.fullmatch(version):
        raise UsageError(f"{version!r} is not a version of {name}.", f"Write it as {name}==1.2.3.")
    return RequestedPreset(preset, version)
