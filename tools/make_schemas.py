"""Writes the committed schemas, or says which of them are stale.

It owns the command line and the repository's layout, and leaves the rest to aws_conformance.schema_files.

    python tools/make_schemas.py            write schemas/cognito-idp and schemas/meta
    python tools/make_schemas.py --check    change nothing; exit 1 if a file is stale, missing or superfluous
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from aws_conformance.schema_files import Staleness, stale, write

__all__ = ["main"]

FOLDER = Path(__file__).resolve().parent.parent / "schemas"
SERVICES = ("cognito-idp",)
# A new model changes hundreds of files; the first few tell what happened.
_SHOWN = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(description="Write the committed schemas, or check them.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if anything is stale")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: the repository's schemas/")
    parser.add_argument("services", nargs="*", default=list(SERVICES), help="default: cognito-idp")
    chosen = parser.parse_args(arguments)
    if not chosen.check:
        found = write(chosen.folder, chosen.services)
        changed = len(found.missing) + len(found.changed)
        print(f"{changed} written, {len(found.superfluous)} removed")
        return 0
    found = stale(chosen.folder, chosen.services)
    if not found:
        return 0
    _report(found)
    print("Run `python tools/make_schemas.py` and commit what it writes.", file=sys.stderr)
    return 1


def _report(found: Staleness) -> None:
    lines = [
        *(f"missing      {path}" for path in found.missing),
        *(f"stale        {path}" for path in found.changed),
        *(f"superfluous  {path}" for path in found.superfluous),
    ]
    print("\n".join(lines[:_SHOWN]))
    if len(lines) > _SHOWN:
        print(f"... and {len(lines) - _SHOWN} more")


if __name__ == "__main__":
    sys.exit(main())
