# SPDX-License-Identifier: Apache-2.0
"""Generates the reference pages of an installed `aws` command, without a network.

It owns how awscli is asked for its own pages, and refuses to know what a page says (spec/cli_pages/ does).
awscli lives in an environment of its own, because it brings its own botocore: once awscli is imported,
`import botocore` means that copy. So this file has two halves. `generate` starts the other
environment's python on this very file; `_inside` runs there, knows awscli, and imports nothing of ours.

    python tools/make_pages.py AWSCLI_PYTHON FOLDER [SERVICE...] [--processes N] [--custom]

Writes FOLDER/<service>/<operation>.rst, and FOLDER/index.jsonl with one line a page: what the page is
about and which member each of its options fills, so that a comparison needs no guess.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["generate", "read_index", "vendored_models"]

INDEX = "index.jsonl"


def generate(
    python: str, folder: Path, services: Sequence[str] = (), *, processes: int = 1, custom: bool = False
) -> int:
    """Pages of these services of the `aws` command (all, if none is named); the number written.

    `services` are the command's names (`s3api`), not botocore's folders. Raises RuntimeError with the
    other interpreter's last line if it fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    running = []
    for part in range(processes):
        command = [python, str(Path(__file__).resolve()), "--inside", python, str(folder), *services]
        command += ["--part", f"{part}/{processes}", *(["--custom"] if custom else [])]
        # A user's own aws configuration (aliases, plugins) would change the pages.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        environment |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        environment["PYTHONPATH"] = ""
        running.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
    for process in running:
        _, errors = process.communicate()
        if process.returncode:
            last = (errors or "").strip().splitlines()[-1:] or [f"exit code {process.returncode}"]
            raise RuntimeError(f"{python} could not make the pages: {last[0]}")
    parts = sorted(folder.glob(f"{INDEX}.*"))
    lines = sorted(line for part in parts for line in part.read_text("utf-8").splitlines())
    (folder / INDEX).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    for part in parts:
        part.unlink()
    return len(lines)


def read_index(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of a folder's index, in the order of their paths."""
    with (folder / INDEX).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def vendored_models(python: str) -> Path:
    """The folder of the models that this environment's awscli carries."""
    program = "import awscli.botocore as b, os; print(os.path.join(os.path.dirname(b.__file__), 'data'))"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise RuntimeError(f"{python} has no awscli that carries its own botocore: {last[0]}")
    return Path(done.stdout.strip())


def _inside(folder: Path, services: Sequence[str], part: int, parts: int, custom: bool) -> None:
    """Everything that runs in awscli's environment."""
    from awscli.clidriver import create_clidriver  # type: ignore[import-not-found, unused-ignore]

    driver = create_clidriver()
    table = driver._get_command_table()
    names = sorted(services or table)
    missing = [name for name in names if name not in table]
    if missing:
        raise SystemExit(f"This aws command has no service named {missing[0]}.")
    with (folder / f"{INDEX}.{part}").open("w", encoding="utf-8") as index:
        # Every n-th service to each process: neighbours differ in size.
        for name in names[part::parts]:
            for row, content in _pages_of(table[name], [name], custom):
                path = folder / row["path"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                index.write(json.dumps(row, sort_keys=True) + "\n")


def _pages_of(command: Any, lineage: list[str], custom: bool) -> Iterable[tuple[dict[str, Any], bytes]]:
    for name, child in sorted(_children(command).items()):
        below = [*lineage, name]
        # A waiter has its operation's model too, but a page of its own kind, without an output.
        model = getattr(child, "_operation_model", None) if len(below) == 2 else None
        if model is not None:
            yield _row(child, below, model), _page(child)
        elif custom:
            yield from _pages_of(child, below, custom)
            if not _children(child):
                yield {"path": "/".join(below) + ".rst", "custom": True}, _page(child)


def _children(command: Any) -> dict[str, Any]:
    with contextlib.suppress(AttributeError):
        return dict(command._get_command_table())
    with contextlib.suppress(AttributeError):
        # The public property is empty until the command has been called.
        return dict(command._build_subcommand_table())
    return {}


def _page(command: Any) -> bytes:
    try:
        from awscli.bcdoc import docevents  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        # Until 2020 botocore had it.
        from botocore.docs.bcdoc import docevents

    page = command.create_help_command()
    page.doc.target = "html"
    handler = page.EventHandlerClass(page)
    try:
        docevents.generate_events(page.session, page)
    finally:
        handler.unregister()
    content: bytes = page.doc.getvalue()
    return content


def _row(command: Any, lineage: list[str], model: Any) -> dict[str, Any]:
    documented = {
        argument.cli_name: [type(argument).__name__, getattr(argument, "_serialized_name", None)]
        for argument in command.arg_table.values()
        if not getattr(argument, "_UNDOCUMENTED", False)
    }
    return {
        "path": "/".join(lineage) + ".rst",
        "service": model.service_model.service_name,
        "operation": model.name,
        "uid": model.service_model.metadata.get("uid"),
        "protocol": model.service_model.metadata.get("protocol"),
        "options": documented,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Generate the reference pages of an installed aws command.")
    parser.add_argument("python", help="the python of an environment that has awscli")
    parser.add_argument("folder", type=Path, help="where the pages go")
    parser.add_argument("services", nargs="*", help="names as the aws command has them; all if none")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--custom", action="store_true", help="also the pages of commands without a model")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--part", default="0/1", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        part, parts = map(int, options.part.split("/"))
        _inside(options.folder, options.services, part, parts, options.custom)
        return 0
    try:
        count = generate(
            options.python,
            options.folder,
            options.services,
            processes=options.processes,
            custom=options.custom,
        )
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{count} pages in {options.folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
