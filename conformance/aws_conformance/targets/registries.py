# SPDX-License-Identifier: Apache-2.0
"""Registries of packages, each by the client that this machine has for it: pip, npm, cargo, go, mvn.

It owns what each client is asked to find the newest version of a package, to install one into a folder, and
to say which is there. It refuses to know where the folders are (installed.py) and what an emulator does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeAlias
from xml.sax.saxutils import escape

from packaging.specifiers import SpecifierSet

from ..errors import ConformanceError, UsageError
from .command import run_watched
from .presets import Preset

__all__ = ["CLIENTS", "Ran", "RegistryClient", "Runner", "interpreter", "last_line", "run_tool"]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a client's command came to; `output` is all that it printed, `stdout` the answer alone."""

    code: int
    stdout: str = ""
    output: str = ""


Runner: TypeAlias = Callable[[Sequence[str], Path], Ran]
# Runs a client's command for its standard output. Raises ConformanceError when it fails.
Ask: TypeAlias = Callable[[Sequence[str]], str]


class RegistryClient(Protocol):
    """A client, for one preset and the folder that is to become its environment."""

    @property
    def tool(self) -> str:
        """The program that must be on the PATH, empty where it comes with this interpreter."""

    def prepare(self, preset: Preset, folder: Path, run: Runner) -> None:
        """Make what the client needs in the folder. Raises ConformanceError."""

    def newest(self, preset: Preset, folder: Path, ask: Ask) -> str:
        """The newest version that the registry has for this machine, empty if it does not tell."""

    def install(self, preset: Preset, version: str, folder: Path, ask: Ask) -> None:
        """Install a version into the folder."""

    def version(self, preset: Preset, folder: Path, asked: str) -> str:
        """The version that is in the folder, empty if none is; `asked` is the one that was asked for."""


def interpreter(specifier: str) -> str:
    """A Python of that version (`>=3.12`): this one, or one on the PATH.

    Raises UsageError where there is none.
    """
    versions = SpecifierSet(specifier)
    if versions.contains(f"{sys.version_info.major}.{sys.version_info.minor}"):
        return sys.executable
    for minor in range(30, 7, -1):
        path = shutil.which(f"python3.{minor}") if versions.contains(f"3.{minor}") else None
        # A launcher may be there for a version that is not.
        if path and not run_tool([path, "-I", "-c", ""], Path.cwd()).code:
            return path
    raise UsageError(
        f"A Python {specifier} is needed for this, and none is on the PATH.", "Install one first."
    )


class _Pip:
    tool = ""
    # Compiled files would name the folder's first name in every traceback.
    _install = ("install", "--quiet", "--no-input", "--no-compile")
    _dry = ("install", "--quiet", "--no-input", "--dry-run", "--no-deps", "--report", "-")

    def prepare(self, preset: Preset, folder: Path, run: Runner) -> None:
        python = interpreter(preset.python) if preset.python else sys.executable
        ran = run([python, "-I", "-m", "venv", str(folder)], folder)
        if ran.code:
            raise ConformanceError(
                f"No environment for {preset.name} could be made: {last_line(ran.output)}",
                "`python -m venv` must work; some systems have it in a package of its own.",
            )

    def newest(self, preset: Preset, folder: Path, ask: Ask) -> str:
        report = ask([*self._words(folder), *self._dry, preset.package])
        try:
            return str(json.loads(report)["install"][0]["metadata"]["version"])
        except (ValueError, LookupError, TypeError):
            return ""

    def install(self, preset: Preset, version: str, folder: Path, ask: Ask) -> None:
        ask([*self._words(folder), *self._install, *preset.beside, preset.requirement(version)])

    def version(self, preset: Preset, folder: Path, asked: str) -> str:
        sites = [str(site) for site in folder.glob("lib/python*/site-packages")]
        versions = [item.version for item in distributions(name=preset.package, path=sites)]
        return versions[0] if versions else ""

    def _words(self, folder: Path) -> tuple[str, ...]:
        return (str(folder / "bin" / "python"), "-I", "-m", "pip", "--disable-pip-version-check")


class _Npm:
    tool = "npm"
    _install = ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error")

    def prepare(self, preset: Preset, folder: Path, run: Runner) -> None:
        pass

    def newest(self, preset: Preset, folder: Path, ask: Ask) -> str:
        said = ask([*self._words(folder), "view", preset.package, "version", "--loglevel=error"]).split()
        return said[-1] if said else ""

    def install(self, preset: Preset, version: str, folder: Path, ask: Ask) -> None:
        ask([*self._words(folder), *self._install, *preset.beside, preset.requirement(version)])

    def version(self, preset: Preset, folder: Path, asked: str) -> str:
        manifest = folder / "node_modules" / preset.package / "package.json"
        return str(json.loads(manifest.read_text("utf-8"))["version"]) if manifest.is_file() else ""

    def _words(self, folder: Path) -> tuple[str, ...]:
        return ("npm", "--prefix", str(folder))


class _Cargo:
    tool = "cargo"

    def prepare(self, preset: Preset, folder: Path, run: Runner) -> None:
        pass

    def newest(self, preset: Preset, folder: Path, ask: Ask) -> str:
        match = re.search(r"^version: (\S+)", ask(["cargo", "info", "--quiet", preset.package]), re.MULTILINE)
        return match[1] if match else ""

    def install(self, preset: Preset, version: str, folder: Path, ask: Ask) -> None:
        where = ("--root", str(folder), "--target-dir", str(folder / "build"))
        ask(["cargo", "install", "--quiet", "--locked", *where, "--version", version, preset.package])
        # Gigabytes, and of no use any more.
        shutil.rmtree(folder / "build", ignore_errors=True)

    def version(self, preset: Preset, folder: Path, asked: str) -> str:
        crates = folder / ".crates.toml"
        table = tomllib.loads(crates.read_text("utf-8")).get("v1", {}) if crates.is_file() else {}
        return next((key.split(" ")[1] for key in table if key.split(" ")[0] == preset.package), "")


class _Go:
    tool = "go"

    def prepare(self, preset: Preset, folder: Path, run: Runner) -> None:
        pass

    def newest(self, preset: Preset, folder: Path, ask: Ask) -> str:
        said = ask(["go", "list", "-m", "-f", "{{.Version}}", f"{preset.module}@latest"]).strip()
        return said.removeprefix("v")

    def install(self, preset: Preset, version: str, folder: Path, ask: Ask) -> None:
        ask(["env", f"GOBIN={folder / 'bin'}", "go", "install", preset.requirement(version)])

    def version(self, preset: Preset, folder: Path, asked: str) -> str:
        return asked if any((folder / "bin").glob("*")) else ""


class _Maven:
    tool = "mvn"

    def prepare(self, preset: Preset, folder: Path, run: Runner) -> None:
        pass

    def newest(self, preset: Preset, folder: Path, ask: Ask) -> str:
        """The one that the jars are of, once the newest release is installed."""
        self.install(preset, "RELEASE", folder, ask)
        return self.version(preset, folder, "")

    def install(self, preset: Preset, version: str, folder: Path, ask: Ask) -> None:
        if version == self.version(preset, folder, version):
            return
        group, _, artifact = preset.package.partition(":")
        (folder / "pom.xml").write_text(
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            "<groupId>local</groupId><artifactId>emulator</artifactId><version>1</version><dependencies>"
            f"<dependency><groupId>{escape(group)}</groupId><artifactId>{escape(artifact)}</artifactId>"
            f"<version>{escape(version)}</version></dependency></dependencies></project>",
            "utf-8",
        )
        goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder / 'lib'}")
        ask(["mvn", "--quiet", "--batch-mode", "--file", str(folder / "pom.xml"), *goal])

    def version(self, preset: Preset, folder: Path, asked: str) -> str:
        artifact = preset.package.partition(":")[2]
        jars = sorted((folder / "lib").glob(f"{artifact}-[0-9]*.jar"))
        return jars[0].stem.removeprefix(f"{artifact}-") if jars else ""


CLIENTS: Mapping[str, RegistryClient] = MappingProxyType(
    {"pip": _Pip(), "npm": _Npm(), "cargo": _Cargo(), "go": _Go(), "maven": _Maven()}
)


def last_line(output: str) -> str:
    """The line of a client's output that is most likely to tell what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?:npm |\[)?err(?:or|!)", line, re.IGNORECASE)]
    return ([*errors[:1], *lines[-1:]] or ["it said nothing"])[0][:300]


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
