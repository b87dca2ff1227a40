"""Emulators on this machine: each version in an environment of its own, in the user's cache directory.

It owns the cache directory, its folders, and the two clients that fill them (pip and npm, with whatever
configuration the machine gives them). It refuses to know how an emulator is run. A folder appears whole or
not at all: it is made under another name and renamed when everything is in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import TypeAlias, assert_never

from packaging.version import InvalidVersion, Version

from ..errors import ConformanceError, UsageError
from .command import run_watched
from .presets import Preset, RequestedPreset, presets

__all__ = [
    "CACHE_VARIABLE",
    "Installation",
    "Ran",
    "Runner",
    "cache_folder",
    "find",
    "install",
    "installations",
    "run_tool",
]

CACHE_VARIABLE = "AWS_CONFORMANCE_CACHE"

# Folders that are not finished; the number is the process that makes them.
_UNFINISHED = re.compile(r"\.making-(\d+)-")
_NO_SUCH_VERSION = re.compile(
    r"No matching distribution found|\bETARGET\b|\bE404\b|No match(?:ing version)? found"
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
        return f"{self.preset.name}=={self.version}"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a client's command came to; `output` is all that it printed, `stdout` the answer alone."""

    code: int
    stdout: str = ""
    output: str = ""


Runner: TypeAlias = Callable[[Sequence[str], Path], Ran]


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
    with _unfinished(folder) as making:
        tool = _prepare(requested.preset, making, run)
        version = requested.version or _newest(requested, making, tool, run)
        with contextlib.suppress(UsageError):
            return find(RequestedPreset(requested.preset, version), folder)
        exact = RequestedPreset(requested.preset, version)
        _ask(
            exact,
            [*tool, *_INSTALL[requested.preset.registry], requested.preset.requirement(version)],
            making,
            run,
        )
        there = _installed_version(requested.preset, making)
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


# Compiled files would name the folder's first name in every traceback.
_INSTALL: Mapping[str, tuple[str, ...]] = {
    "pip": ("install", "--quiet", "--no-input", "--no-compile"),
    "npm": ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"),
}


def _prepare(preset: Preset, making: Path, run: Runner) -> tuple[str, ...]:
    """The client for this environment; pip's is in the environment, which is made for it."""
    match preset.registry:
        case "pip":
            ran = run([sys.executable, "-I", "-m", "venv", str(making)], making)
            if ran.code:
                raise ConformanceError(
                    f"No environment for {preset.name} could be made: {_last_line(ran.output)}",
                    "`python -m venv` must work; some systems have it in a package of its own.",
                )
            return (str(making / "bin" / "python"), "-I", "-m", "pip", "--disable-pip-version-check")
        case "npm":
            return ("npm", "--prefix", str(making))
        case _:
            assert_never(preset.registry)


def _newest(requested: RequestedPreset, making: Path, tool: Sequence[str], run: Runner) -> str:
    """The newest version that the registry has for this machine."""
    preset = requested.preset
    match preset.registry:
        case "pip":
            dry = ("install", "--quiet", "--no-input", "--dry-run", "--no-deps", "--report", "-")
            report = _ask(requested, [*tool, *dry, preset.package], making, run)
            try:
                return str(json.loads(report)["install"][0]["metadata"]["version"])
            except (ValueError, LookupError, TypeError):
                raise ConformanceError(f"pip did not tell the newest version of {preset.package}.") from None
        case "npm":
            said = _ask(
                requested, [*tool, "view", preset.package, "version", "--loglevel=error"], making, run
            ).split()
            if not said:
                raise ConformanceError(f"npm did not tell the newest version of {preset.package}.")
            return said[-1]
        case _:
            assert_never(preset.registry)


def _ask(requested: RequestedPreset, words: Sequence[str], folder: Path, run: Runner) -> str:
    """Run a client's command for its standard output; its failure becomes one line."""
    ran = run(words, folder)
    if not ran.code:
        return ran.stdout
    client = requested.preset.registry
    if _NO_SUCH_VERSION.search(ran.output):
        if _NO_VERSION_AT_ALL in ran.output:
            raise ConformanceError(
                f"{client} finds no version of {requested.preset.package} at all.",
                f"Check its configuration, and the network: {client} must be able to install packages.",
            )
        raise UsageError(f"{client} finds no {requested}.", "Leave the version out for the newest.")
    raise ConformanceError(
        f"{requested} could not be installed: {_last_line(ran.output)}", f"{client} said so."
    )


def _last_line(output: str) -> str:
    """The line of a client's output that is most likely to tell what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?:npm )?err(?:or|!)", line, re.IGNORECASE)]
    return ([*errors[:1], *lines[-1:]] or ["it said nothing"])[0][:300]


def _installed_version(preset: Preset, root: Path) -> str:
    match preset.registry:
        case "pip":
            sites = [str(site) for site in root.glob("lib/python*/site-packages")]
            versions = [item.version for item in distributions(name=preset.package, path=sites)]
            return versions[0] if versions else ""
        case "npm":
            manifest = root / "node_modules" / preset.package / "package.json"
            return str(json.loads(manifest.read_text("utf-8"))["version"]) if manifest.is_file() else ""
        case _:
            assert_never(preset.registry)


def run_tool(words: Sequence[str], folder: Path) -> Ran:
    """Run a client in a folder, without input, with this machine's own configuration of it."""
    # Settings for the user's own installs that would have pip install elsewhere.
    environment = {
        key: text for key, text in os.environ.items() if key not in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    }
    try:
        done = run_watched(words, environment=environment, folder=folder)
    except FileNotFoundError:
        raise UsageError(
            f"{words[0]} is needed for this, and is not on the PATH.", "Install it first."
        ) from None
    code = 1 if done.exit is None else done.exit
    return Ran(code, done.stdout, f"{done.stdout}\n{done.stderr}")
