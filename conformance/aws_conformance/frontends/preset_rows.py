# SPDX-License-Identifier: Apache-2.0
"""Presets of a project's own, as its configuration writes them, and what a preset says of keys and trust.

It owns the schema of the rows. It refuses to know what a preset is started by.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..targets.presets import presets

__all__ = ["PRESETS", "preset_files", "preset_keys"]

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string", "minLength": 1}}
_TABLE: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
_ROW: dict[str, dict[str, Any]] = {
    "registry": {"enum": ["pip", "npm", "cargo", "go", "maven", "none"]},
    **dict.fromkeys(("package", "module", "python", "command", "health", "note"), _TEXT),
    **dict.fromkeys(("url", "ca-bundle", "credentials"), _TEXT),
    **dict.fromkeys(("services", "extras", "beside", "needs", "not-implemented"), _TEXTS),
    **dict.fromkeys(("environment", "files"), _TABLE),
    "keys": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 2, "maxItems": 2},
    "ready-seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600},
}

PRESETS: dict[str, Any] = {
    "type": "object",
    "description": "Emulators of the project's own, by the name that --target has for each: how it is "
    "installed and started, as in the kit's own table of presets.",
    "additionalProperties": {"type": "object", "properties": _ROW, "additionalProperties": False},
}


def preset_files(target: str | None) -> dict[str, str]:
    """The files with keys and certificate that a target's preset names, as settings of a configuration."""
    preset = presets().get(target or "")
    if preset is None:
        return {}
    files = {"ca_bundle": preset.ca_bundle, "credentials": preset.credentials}
    return {name: str(Path(path).expanduser()) for name, path in files.items() if path}


def preset_keys(target: str | None) -> dict[str, str]:
    """The keys that a target's preset knows, as fields of a Plan; none where it takes any."""
    preset = presets().get((target or "").partition("==")[0])
    return {} if preset is None else dict(zip(("access_key", "secret_key"), preset.keys, strict=False))
