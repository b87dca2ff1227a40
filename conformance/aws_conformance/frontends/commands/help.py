# SPDX-License-Identifier: Apache-2.0
"""How `--help` looks: options and commands under headings, in the order of their need, and examples.

It owns the headings. What stands under none comes last, so a new option is never left out. It refuses to know
what an option does.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

__all__ = ["GroupedCommand", "write_commands"]

_MORE = "More"
# Names of options as they are given, under the heading where they are looked for.
_OPTIONS: Mapping[str, Sequence[str]] = {
    "Target": (
        "--target",
        "--start",
        "--against",
        "--endpoint",
        "--name",
        "--claims",
        "--protocol",
        "--allow-remote",
        "--allow-host",
        "--allow-upload-to",
        "--profile",
        "--credentials",
        "--ca-bundle",
        "--client-certificate",
        "--client-key",
        "--header",
        "--i-own",
        "--allow-writes",
        "--max-costly",
    ),
    "What is tried": (
        "--phase",
        "--seed",
        "--max-examples",
        "--effort",
        "--exhaustive",
        "--lifecycle",
        "--plan",
        "--model",
        "--shard",
        "--cuts",
        "--dir",
        "--resume",
        "--corpus",
    ),
    "Time and load": (
        "--for",
        "--rounds",
        "--max-time",
        "--max-wait",
        "--request-timeout",
        "--workers",
        "--scheduler",
        "--concurrency",
        "--rate",
        "--max-requests",
        "--ledger",
        "--max-failures",
    ),
    "What fails": (
        "--fail-on",
        "--baseline",
        "--check",
        "--exclude-check",
        "--fail-under-coverage",
        "--fail-under-reached",
    ),
    "What is told": ("--report", "--record", "--verbose", "--quiet", "--no-color"),
}
_COMMANDS: Mapping[str, Sequence[str]] = {
    "Check": ("run", "campaign", "trend", "validate", "replay", "cleanup", "targets"),
    "Read results": ("report", "reproduce", "baseline", "corpus", "checks", "explain"),
    "Specifications": ("schema", "plan", "page", "drift", "serve"),
}


class GroupedCommand(click.Command):
    """A command whose options stand under headings; `examples` are command lines with what they do."""

    def __init__(self, *args: Any, examples: Mapping[str, str] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.examples = examples or {}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records: dict[str, list[tuple[str, str]]] = {heading: [] for heading in (*_OPTIONS, _MORE)}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                records[_heading_of(param.opts)].append(record)
        for heading, rows in records.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)
        if self.examples:
            with formatter.section("Examples"):
                for line, words in self.examples.items():
                    # A command line that is broken by the width of a window is no command line.
                    formatter.write(f"{' ' * formatter.current_indent}{line}\n")
                    room = max(20, formatter.width - formatter.current_indent - 4)
                    text = textwrap.fill(words, room)
                    formatter.write(f"{textwrap.indent(text, ' ' * (formatter.current_indent + 4))}\n")


def _heading_of(names: Sequence[str]) -> str:
    return next((heading for heading, listed in _OPTIONS.items() if not set(listed).isdisjoint(names)), _MORE)


def write_commands(commands: Mapping[str, click.Command], formatter: click.HelpFormatter) -> None:
    """Writes the commands of a group under their headings."""
    listed = {name for names in _COMMANDS.values() for name in names}
    rest = [name for name in commands if name not in listed]
    width = max(map(len, commands))
    for heading, names in (*_COMMANDS.items(), (_MORE, rest)):
        rows = [
            (f"{name:<{width}}", commands[name].get_short_help_str(formatter.width))
            for name in names
            if name in commands
        ]
        if rows:
            with formatter.section(heading):
                formatter.write_dl(rows)
