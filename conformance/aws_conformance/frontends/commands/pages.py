# SPDX-License-Identifier: Apache-2.0
"""`page` and `drift`: what a reference page says, and what differs between two descriptions of a service.

It owns how either is printed and the exit codes; it refuses to know how a page is read and what counts as
a difference.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import UsageError

if TYPE_CHECKING:
    from ...spec.cli_pages.page import Page
    from ...spec.difference import Difference
    from ...spec.schema.vocabulary import Side
    from .descriptions import Pair

__all__ = ["drift", "page"]

_SIDES: tuple[Side, ...] = ("input", "output")

_service_option = click.option(
    "--service", metavar="ID", help="The service, by botocore's name, where a page does not say it."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print differences as JSON.")


@click.command()
@click.argument("file", metavar="FILE")
@_service_option
@click.option("--protocol", metavar="P", help="The protocol, which no page says, if no model does.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write DIR/<service>/<Operation>/<side>.json, for `validate --schemas DIR`.",
)
@click.option("--drift", "with_drift", is_flag=True, help="Tell what the installed botocore has otherwise.")
@_json_option
def page(
    file: str, service: str | None, protocol: str | None, out: Path | None, with_drift: bool, as_json: bool
) -> int:
    """Print the JSON Schemas that a page of the AWS CLI reference amounts to, or what changed since.

    FILE is reStructuredText or its plain-text rendering. What this page can't say is told on stderr.

    \b
    exit  0 done; with --drift: nothing differs that breaks
          1 with --drift: differences that break requests or responses
          2 usage, or a page that can't be read
    """
    from .descriptions import read_page

    read = read_page(file, service, protocol)
    for sentence in (*read.limits, *read.warnings):
        click.echo(f"{file}: {sentence}", err=True)
    if out is not None:
        _write(read, protocol, out)
    if with_drift:
        return _drift_of(file, read, as_json=as_json)
    if out is None:
        click.echo(json.dumps(_schemas(read, protocol), indent=2))
    return 0


def _drift_of(file: str, read: Page, *, as_json: bool) -> int:
    from .descriptions import INSTALLED, PageFile, pairs, read_description

    return _tell(pairs(PageFile(file, read), read_description(INSTALLED)), as_json=as_json)


def _schemas(read: Page, protocol: str | None) -> dict[str, dict[str, Any]]:
    from ...protocols import resolve_protocol
    from ...spec.schema.write import side_schema

    operation = read.service.operations[read.operation]
    spoken = resolve_protocol(read.service, protocol)
    return {side: side_schema(read.service, operation, side, spoken) for side in _SIDES}


def _write(read: Page, protocol: str | None, out: Path) -> None:
    from ...spec.schema.write import dump_schema

    folder = out / read.service.name / read.operation
    for side, document in _schemas(read, protocol).items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{side}.json").write_text(dump_schema(document), "utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"{folder / side}.json cannot be written: {error.strerror}.") from None
    click.echo(f"{len(_SIDES)} schemas in {folder}", err=True)


@click.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@_service_option
@_json_option
def drift(old: str, new: str, service: str | None, as_json: bool) -> int:
    """Tell what differs between two descriptions of a service, from A to B, and whom it breaks.

    \b
    A, B  a page's file | installed | SERVICE (installed) |
          a folder of models (SERVICE/DATE/service-2.json[.gz], such as another botocore's data) |
          a folder of schemas (as `schema --out` or `page --out` writes it)
    exit  0 nothing differs that breaks, 1 differences that break, 2 usage

    A folder that is named as a service is written ./NAME. Where one side can't say something, it differs in
    nothing; a schema does not tell what its own source could not say, and a page neither errors nor which of
    its options the command has made itself. What a page lacks for itself it borrows of the other side.
    """
    from .descriptions import alone, pairs, read_description

    before = read_description(old, service)
    after = read_description(new, service)
    compared = pairs(before, after, service)
    for word, names in zip((old, new), alone(before, after), strict=True):
        if names:
            click.echo(f"Only {word} describes {', '.join(names)}.", err=True)
    return _tell(compared, as_json=as_json)


def _tell(compared: Sequence[Pair], *, as_json: bool) -> int:
    """Print the differences of all pairs; the exit code."""
    from ...spec.cli_pages.own_options import is_by_command
    from ...spec.diff import differences, untold
    from ...spec.difference import to_json, to_text

    differing: list[tuple[str, Difference]] = []
    silent: list[str] = []
    for pair in compared:
        differing += [
            (pair.service, difference)
            for difference in differences(pair.old, pair.new, pair.operations)
            if not (pair.of_pages and is_by_command(pair.service, difference))
        ]
        silent += untold(pair.old, pair.new, pair.operations)
    if as_json:
        rows = [{"service": name} | row for name, difference in differing for row in to_json([difference])]
        click.echo(json.dumps({"differences": rows, "untold": silent}, indent=2))
    elif len(compared) == 1 or not differing:
        click.echo(to_text([difference for _, difference in differing]), nl=False)
    else:
        for name, difference in differing:
            click.echo(f"{name}:{difference}")
    if not as_json:
        for sentence in silent:
            click.echo(sentence)
    return int(any(difference.breaks_requests or difference.breaks_responses for _, difference in differing))
