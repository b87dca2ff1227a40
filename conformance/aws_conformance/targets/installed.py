# SPDX-License-Identifier: Apache-2.0
"""Emulators on this machine: each version in an environment of its own, in the user's cache directory.

It owns the cache directory and its folders. It refuses to know how registries are asked (registries.py) and
how an emulator is run. A folder appears whole or not at all: it is made under another name and renamed when
everything is in it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ..errors import ConformanceError, UsageError
from .presets import Preset, RequestedPreset, presets
from .registries import CLIENTS, RegistryClient, Runner, last_line, run_tool

__all__ = [
    "CACHE_VARIABLE",
    "Installation",
    "cache_folder",
    "find",
    "install",
    "installations",
]

CACHE_VARIABLE = "AWS_CONFORMANCE_CACHE"

# Folders that are not finished; the number is the process that makes them.
_UNFINISHED = re.compile(r"\.making-(\d+)-")
_NO_SUCH_VERSION = re.compile(
    r"No matching distribution found|\bETARGET\b|\bE404\b|No match(?:ing version)? found"
    r"|could not find `|unknown revision|no matching versions|Could not find artifact"
)
# What pip says when its index gave it no version of anything: a network that is down looks like this too.
_NO_VERSION_AT_ALL = "from versions: none"


@dataclass(frozen=True, slots=True)
class Installation:
    """A version of an emulator that is there; `root` is the folder of its environment."""

    preset: Preset
    version: str
    root: Path

    def __str__(self) -> str:
        return f"{self.preset.name}=={self.version}" if self.version else self.preset.name


def cache_folder() -> Path:
    """Where emulators live: AWS_CONFORMANCE_CACHE, or `aws-conformance` in the user's cache directory."""
    import platformdirs

    own = os.environ.get(CACHE_VARIABLE, "")
    base = Path(own).absolute() if own else platformdirs.user_cache_path("aws-conformance", appauthor=False)
    return base / "targets"


def installations(cache: Path | None = None) -> tuple[Installation, ...]:
    """All that is installed, in the order of the presets, the newest version of each first."""
    folder = cache or cache_folder()
    names = [entry.name for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
    installed = []
    for preset in presets().values():
        versions = [
            name.removeprefix(f"{preset.name}-") for name in names if name.startswith(f"{preset.name}-")
        ]
        installed += [
            Installation(preset, version, folder / f"{preset.name}-{version}")
            for version in sorted(versions, key=_order, reverse=True)
        ]
    return tuple(installed)


def find(requested: RequestedPreset, cache: Path | None = None) -> Installation:
    """The installation that was asked for, the newest if any version will do.

    Raises UsageError, with the command that would make it, when it isn't there.
    """
    for installation in installations(cache):
        if installation.preset == requested.preset and (
            not requested.version or _order(installation.version) == _order(requested.version)
        ):
            return installation
    if requested.preset.registry == "none" and not requested.version:
        # Somebody else has installed it; its command finds it.
        return Installation(requested.preset, "", cache or cache_folder())
    raise UsageError(
        f"{requested} is not installed.", f"Install it with: aws-conformance targets install {requested}"
    )


def _order(version: str) -> tuple[bool, Version, str]:
    """By what versions are sorted; what no registry of ours would give out comes before everything."""
    try:
        return True, Version(version), ""
    except InvalidVersion:
        return False, Version("0"), version


def install(requested: RequestedPreset, cache: Path | None = None, run: Runner | None = None) -> Installation:
    """Make the environment of an emulator, unless it is there; without a version, of the newest there is.

    Raises UsageError for a version that its registry does not have, ConformanceError when its client
    fails. Whatever goes wrong, nothing half-made stays behind.
    """
    folder, run = cache or cache_folder(), run or run_tool
    if requested.version:
        with contextlib.suppress(UsageError):
            return find(requested, folder)
    client = _client(requested.preset)
    with _unfinished(folder) as making:
        client.prepare(requested.preset, making, run)
        ask = _asking(requested, making, run)
        version = requested.version or client.newest(requested.preset, making, ask)
        if not version:
            raise ConformanceError(
                f"{requested.preset.registry} did not tell the newest version of {requested.preset.package}."
            )
        with contextlib.suppress(UsageError):
            return find(RequestedPreset(requested.preset, version), folder)
        exact = RequestedPreset(requested.preset, version)
        client.install(requested.preset, version, making, _asking(exact, making, run))
        there = client.version(requested.preset, making, version)
        if not there:
            raise ConformanceError(
                f"{exact} was installed, but is not where it should be.", f"Look at {folder}."
            )
        home = folder / f"{requested.preset.name}-{there}"
        try:
            making.rename(home)
        except OSError:
            # Somebody else was faster; then theirs is as good as ours.
            if not home.is_dir():
                raise
        return Installation(requested.preset, there, home)


def _client(preset: Preset) -> RegistryClient:
    if preset.registry == "none":
        raise UsageError(f"{preset.name} is in no registry.", preset.note or "It is started as it is.")
    return CLIENTS[preset.registry]


@contextlib.contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """An empty folder beside the finished ones, on the same file system; gone at the end unless renamed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        making = Path(tempfile.mkdtemp(prefix=f".making-{os.getpid()}-", dir=folder))
    except OSError as error:
        raise UsageError(
            f"The cache directory {folder} cannot be used: {error.strerror}.",
            f"Set {CACHE_VARIABLE} to another.",
        ) from None
    try:
        yield making
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what a process that was killed could not."""
    for entry in folder.iterdir():
        match = _UNFINISHED.match(entry.name)
        if match and not _alive(int(match[1])):
            shutil.rmtree(entry, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _asking(requested: RequestedPreset, folder: Path, run: Runner) -> Callable[[Sequence[str]], str]:
    """What runs a client's command for its standard output; its failure becomes one line."""

    def ask(words: Sequence[str]) -> str:
        ran = run(words, folder)
        if not ran.code:
            return ran.stdout
        client, package = requested.preset.registry, requested.preset.package
        if _NO_SUCH_VERSION.search(ran.output):
            if _NO_VERSION_AT_ALL in ran.output:
                raise ConformanceError(
                    f"{client} finds no version of {package} at all.",
                    f"Check its configuration, and the network: {client} must be able to install packages.",
                )
            raise UsageError(f"{client} finds no {requested}.", "Leave the version out for the newest.")
        raise ConformanceError(
            f"{requested} could not be installed: {last_line(ran.output)}", f"{client} said so."
        )

    return ask
