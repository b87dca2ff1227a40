# SPDX-License-Identifier: Apache-2.0
"""Writes the committed schemas, or says which of them are stale.

It owns the command line and the repository's layout, and leaves the services' schemas to
aws_conformance.cases.schema_files and those of our own files to the modules that own the formats.

    python tools/make_schemas.py            write schemas/cognito-idp, schemas/meta and our own formats
    python tools/make_schemas.py --check    change nothing; exit 1 if a file is stale, missing or superfluous
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from aws_conformance.cases.lifecycles.file_schema import lifecycle_schema
from aws_conformance.cases.schema_files import Staleness, stale, write
from aws_conformance.frontends.config import config_schema
from aws_conformance.results.baseline_yaml import baseline_schema
from aws_conformance.results.reports.event_schema import events_schema
from aws_conformance.results.reports.summary_schema import report_schema
from aws_conformance.spec.schema.write import dump_schema

__all__ = ["main"]

FOLDER = Path(__file__).resolve().parent.parent / "schemas"
SERVICES = ("cognito-idp",)
# A new model changes hundreds of files; the first few tell what happened.
_SHOWN = 20
OWN = {
    "baseline.json": baseline_schema,
    "config.json": config_schema,
    "events.json": events_schema,
    "lifecycle.json": lifecycle_schema,
    "report.json": report_schema,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(description="Write the committed schemas, or check them.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if anything is stale")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: the repository's schemas/")
    parser.add_argument("services", nargs="*", default=list(SERVICES), help="default: cognito-idp")
    chosen = parser.parse_args(arguments)
    if not chosen.check:
        staleness = write(chosen.folder, chosen.services)
        own = _stale_formats(chosen.folder)
        for name in own:
            (chosen.folder / name).write_text(dump_schema(OWN[name]()), "utf-8")
        changed = len(staleness.missing) + len(staleness.changed) + len(own)
        print(f"{changed} written, {len(staleness.superfluous)} removed")
        return 0
    staleness = stale(chosen.folder, chosen.services)
    own = _stale_formats(chosen.folder)
    if not staleness and not own:
        return 0
    _report(staleness, own)
    print("Run `python tools/make_schemas.py` and commit what it writes.", file=sys.stderr)
    return 1


def _stale_formats(folder: Path) -> list[str]:
    """Names of the schemas of our own formats that are missing or not as the code has them."""
    return [
        name
        for name, make in OWN.items()
        if not (folder / name).exists() or (folder / name).read_text("utf-8") != dump_schema(make())
    ]


def _report(staleness: Staleness, own: Sequence[str]) -> None:
    lines = [
        *(f"stale        {name}" for name in own),
        *(f"missing      {path}" for path in staleness.missing),
        *(f"stale        {path}" for path in staleness.changed),
        *(f"superfluous  {path}" for path in staleness.superfluous),
    ]
    print("\n".join(lines[:_SHOWN]))
    if len(lines) > _SHOWN:
        print(f"... and {len(lines) - _SHOWN} more")


if __name__ == "__main__":
    sys.exit(main())
