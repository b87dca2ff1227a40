# SPDX-License-Identifier: Apache-2.0
"""The schemas that are committed: what each file should hold, and which files don't.

It owns the layout of a folder of schemas (`<service>/<Operation>/<side>.json` and `meta/`) and refuses to
know how a schema is made. Files depend on the model and on this package alone, never on the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..protocols import resolve_protocol
from ..spec.botocore import load_service
from ..spec.schema.texts import ServiceTexts
from ..spec.schema.vocabulary import SIDES, meta_schema, vocabulary_schema
from ..spec.schema.write import dump_schema

__all__ = ["Staleness", "contents", "stale", "write"]


@dataclass(frozen=True, slots=True)
class Staleness:
    """Files of a folder, by path within it, that don't say what they should."""

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    superfluous: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.superfluous)


def contents(services: Iterable[str]) -> Mapping[str, str]:
    """What the files of these services and of the meta-schemas hold, by path within the folder.

    Raises UsageError for an unknown service.
    """
    texts = {
        "meta/dialect.json": dump_schema(meta_schema()),
        "meta/x-aws.json": dump_schema(vocabulary_schema()),
    }
    for name in services:
        service = load_service(name)
        schemas = ServiceTexts(service, resolve_protocol(service))
        for operation in service.operations.values():
            for side in SIDES:
                texts[f"{name}/{operation.name}/{side}.json"] = schemas.text(operation, side)
    return texts


def write(folder: Path, services: Iterable[str]) -> Staleness:
    """Bring the folder up to date, and say what was not; other files of the folder stay as they are."""
    names = tuple(services)
    expected = contents(names)
    staleness = _compare(folder, names, expected)
    for path in staleness.superfluous:
        (folder / path).unlink()
        if not any((folder / path).parent.iterdir()):
            (folder / path).parent.rmdir()
    for path in (*staleness.missing, *staleness.changed):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(expected[path].encode("ascii"))
    return staleness


def stale(folder: Path, services: Iterable[str]) -> Staleness:
    """Which files of the folder are not what they should be; false if none is."""
    names = tuple(services)
    return _compare(folder, names, contents(names))


def _compare(folder: Path, services: tuple[str, ...], expected: Mapping[str, str]) -> Staleness:
    present = {
        path.relative_to(folder).as_posix()
        for name in ("meta", *services)
        for path in (folder / name).rglob("*.json")
    }
    return Staleness(
        missing=tuple(sorted(expected.keys() - present)),
        changed=tuple(
            path
            for path in sorted(expected.keys() & present)
            # Bytes, not text: line ends count.
            if (folder / path).read_bytes() != expected[path].encode("ascii")
        ),
        superfluous=tuple(sorted(present - expected.keys())),
    )
