# SPDX-License-Identifier: Apache-2.0
"""The plan file: chains (cases/chains.py) of what was learned of a target, read by later runs.

It owns the form of that file. It refuses to know how a chain was come by, and whether it still holds: one
that does not is looked for anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..files import read_text

__all__ = ["read_chains", "write_chains"]

_VERSION = 1


def read_chains(path: Path) -> Mapping[str, Any]:
    """The chains of a plan file by operation; none where there is no such file yet.

    Raises UsageError for a file that is no plan file.
    """
    try:
        content = json.loads(read_text(path))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} can't be read as a plan file: {error}.") from error
    chains = content.get("chains") if isinstance(content, dict) else None
    if not isinstance(chains, dict) or content.get("aws-conformance-plan") != _VERSION:
        raise UsageError(f"{path} is no plan file of this version.", "Name a new file; the run writes it.")
    return chains


def write_chains(path: Path, chains: Mapping[str, Any]) -> None:
    """Write a plan file. Raises UsageError where that is not possible."""
    content = {"aws-conformance-plan": _VERSION, "chains": dict(sorted(chains.items()))}
    try:
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error}.") from error
