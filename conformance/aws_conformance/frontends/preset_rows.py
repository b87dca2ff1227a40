"""Presets of a project's own, as its configuration writes them, and what a preset says of keys and trust.

It owns the schema of the rows. It refuses to know what a preset is started by.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..targets.presets import presets

if TYPE_CHECKING:
    from .config import Config

__all__ = ["PRESETS", "preset_keys", "with_preset_access"]

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


def with_preset_access(config: Config) -> Config:
    """The configuration with the keys and certificate that its target's preset names, unless it has own."""
    preset = presets().get(config.target or "")
    if preset is None or not preset.url:
        return config
    usual: dict[str, Any] = {
        name: str(Path(path).expanduser())
        for name, path in (("ca_bundle", preset.ca_bundle), ("credentials", preset.credentials))
        if path and getattr(config, name) is None
    }
    return dataclasses.replace(config, **usual)


def preset_keys(config: Config) -> dict[str, Any]:
    """The keys that the target's preset knows, as fields of a Plan; none where others are asked for."""
    preset = presets().get((config.target or "").partition("==")[0])
    if (
        preset is None
        or len(preset.keys) != 2
        or config.profile is not None
        or config.credentials is not None
    ):
        return {}
    return dict(zip(("access_key", "secret_key"), preset.keys, strict=True))
