# SPDX-License-Identifier: Apache-2.0
"""Places of a document, in words.

It owns how a path is written. It refuses to know what is wrong there.
"""

from __future__ import annotations

import json

from ..protocols.findings import DocumentPlace, Path
from ..spec.shapes import ListShape, MapShape, Service, StructureShape

__all__ = ["place"]


def place(service: Service, root: str | None, path: Path) -> DocumentPlace:
    """The JSONPath of a place of a document whose root is the shape `root` (None: unknown).

    Places outside of the body are not members of it: `(status)`, not `$["(status)"]`.
    """
    exact = general = "$"
    sensitive = False
    name = root
    for step in path:
        shape = service.shapes.get(name) if name else None
        name = None
        match shape:
            case StructureShape(event_stream=True) if isinstance(step, int):
                # A stream is a list of its events; what each may be is of the same shape.
                exact, general = f"{exact}[{step}]", f"{general}[*]"
                name = shape.name
            case StructureShape(members=members):
                exact, general = f"{exact}{_step(step)}", f"{general}{_step(step)}"
                name = members[str(step)].target if str(step) in members else None
            case ListShape(member=member):
                exact, general = f"{exact}[{step}]", f"{general}[*]"
                name = member.target
            case MapShape(value=member):
                exact, general = f"{exact}{_step(step)}", f"{general}[*]"
                name = member.target
            case _:
                exact, general = f"{exact}{_step(step)}", f"{general}{_step(step)}"
        sensitive = sensitive or bool(shape is not None and shape.sensitive)
    shape = service.shapes.get(name) if name else None
    return DocumentPlace(
        _pretty(exact), _pretty(general), sensitive or bool(shape is not None and shape.sensitive)
    )


def _pretty(path: str) -> str:
    return path[3:-2] if path.startswith('$["(') else path


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() else f"[{json.dumps(step)}]"
