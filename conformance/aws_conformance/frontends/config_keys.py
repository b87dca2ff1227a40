# SPDX-License-Identifier: Apache-2.0
"""The keys of a configuration: what each may hold, their published JSON Schema, what is said of a wrong one.

It owns the table of keys. It refuses to know where a configuration stands and what it amounts to (config.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..engine.plan import CLAIMS, EFFORTS
from ..errors import UsageError, did_you_mean
from ..results.events import Phase
from ..results.terms import Severity
from .preset_rows import PRESETS
from .target_words import NAME_LIMIT

__all__ = [
    "EARLIER_NAMES",
    "FIELDS",
    "KEYS",
    "LISTS",
    "OWN_FILE",
    "PHASES",
    "PROJECT_FILE",
    "REQUEST_TIMEOUT_LIMIT",
    "SEVERITIES",
    "TABLE",
    "config_schema",
    "validate_config",
]

OWN_FILE = "aws-conformance.toml"
PROJECT_FILE = "pyproject.toml"
TABLE = "tool.aws-conformance"

# Longer than any answer takes, and no more than a socket can wait.
REQUEST_TIMEOUT_LIMIT = 3600

PHASES: tuple[Phase, ...] = ("enumerated", "random", "stateful")
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

_LEVELS: dict[str, Any] = {"enum": [*SEVERITIES, "off"]}
_SEVERITY_TABLE: dict[str, Any] = {
    "type": "object",
    "description": "Check ids, each to the severity that it shall have; `off` leaves its findings out.",
    "additionalProperties": _LEVELS,
}
_CHECK_IDS: dict[str, Any] = {"type": "array", "items": {"type": "string", "minLength": 1}}
KEYS: Mapping[str, dict[str, Any]] = {
    "target": {
        "type": "string",
        "minLength": 1,
        "description": "The implementation under check: `reference` (embedded), the URL of a server, an "
        "emulator that is installed, such as `moto` or `moto==5.1.11`, or `aws-cli`, the `aws` command.",
    },
    "start": {
        "type": "string",
        "minLength": 1,
        "description": "A command that starts the target, with `{port}` where it takes its port.",
    },
    "name": {
        "type": "string",
        "minLength": 1,
        "maxLength": NAME_LIMIT,
        "description": "How baselines and reports call the target, at any address and start command.",
    },
    "endpoint": {
        "type": "string",
        "minLength": 1,
        "description": "The URL that the target `aws-cli` speaks to; without it, the embedded reference.",
    },
    "claims": {
        "type": "array",
        "items": {"enum": list(CLAIMS)},
        "uniqueItems": True,
        "description": "What the target claims and is held to; `sigv4`: that it verifies signatures; "
        "`clock`: that its time can be moved.",
    },
    "protocol": {
        "type": "string",
        "minLength": 1,
        "description": "A protocol other than the default, which is botocore's.",
    },
    "phases": {
        "type": "array",
        "items": {"enum": list(PHASES)},
        "minItems": 1,
        "uniqueItems": True,
        "description": "The phases of a run.",
    },
    "seed": {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**63 - 1,
        "description": "What random cases derive from.",
    },
    "max-examples": {"type": "integer", "minimum": 0, "description": "Random cases per operation."},
    "exhaustive": {"type": "boolean", "description": "Send every enumerated case of an operation."},
    "effort": {"enum": list(EFFORTS), "description": "How much a run tries; other keys say more exactly."},
    "fail-under-coverage": {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "description": "Percent of what there is that has to be judged for a run to pass.",
    },
    "fail-under-reached": {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "description": "Percent of the implemented operations that have to be reached for a run to pass.",
    },
    "max-time": {"type": "number", "exclusiveMinimum": 0, "description": "Seconds that a run may take."},
    "max-wait": {
        "type": "number",
        "exclusiveMinimum": 0,
        "description": "Seconds for which a run waits for what a target does in its own time.",
    },
    "request-timeout": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": REQUEST_TIMEOUT_LIMIT,
        "description": "Seconds that an answer may take.",
    },
    "timeout": {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": REQUEST_TIMEOUT_LIMIT,
        "description": "The earlier name of `request-timeout`.",
    },
    "max-failures": {
        "type": "integer",
        "minimum": 1,
        "description": "Findings that fail the run after which nothing more is explored.",
    },
    "max-requests": {
        "type": "integer",
        "minimum": 1,
        "description": "Requests after which nothing more is explored.",
    },
    "ledger": {
        "type": "string",
        "minLength": 1,
        "description": "The file in which a run writes down what it makes, for `cleanup`.",
    },
    "workers": {"type": "integer", "minimum": 1, "description": "Processes that share the operations."},
    "checks": {**_CHECK_IDS, "description": "The only checks to apply."},
    "exclude-checks": {**_CHECK_IDS, "description": "Checks not to apply."},
    "fail-on": {"enum": list(SEVERITIES), "description": "The least severity that fails a run."},
    "baseline": {"type": "string", "minLength": 1, "description": "The file of known violations."},
    "lifecycles": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "uniqueItems": True,
        "description": "Files of lifecycles beside those of the kit, for the phase `stateful`.",
    },
    "allow-remote": {"type": "boolean", "description": "Whether hosts other than loopback may be spoken to."},
    "observe-allow": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "description": "Findings that fail no test under `--conformance-observe=fail`: ids of checks or "
        "globs of them, operations, or an operation and a check with a space between.",
    },
    "allow-hosts": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "uniqueItems": True,
        "description": "Hosts beside the loopback that may be spoken to.",
    },
    "allow-uploads": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "uniqueItems": True,
        "description": "Where a target may have files uploaded beside itself, as HOST:PORT.",
    },
    "ca-bundle": {
        "type": "string",
        "minLength": 1,
        "description": "A file in PEM with the authorities that vouch for the target's TLS.",
    },
    "client-certificate": {
        "type": "string",
        "minLength": 1,
        "description": "A file in PEM with the certificate that we show to the target.",
    },
    "client-key": {
        "type": "string",
        "minLength": 1,
        "description": "A file in PEM with its key, if that is in another.",
    },
    "profile": {
        "type": "string",
        "minLength": 1,
        "description": "The profile of the AWS configuration whose keys sign requests.",
    },
    "credentials": {
        "type": "string",
        "minLength": 1,
        "description": "A credentials file of the AWS command line, in place of the user's own.",
    },
    "region": {"type": "string", "minLength": 1, "description": "The region that requests are signed for."},
    "presets": PRESETS,
    "severities": _SEVERITY_TABLE,
    "services": {
        "type": "object",
        "description": "Settings for one service alone, by the name that botocore gives it.",
        "additionalProperties": {
            "type": "object",
            "properties": {"severities": _SEVERITY_TABLE},
            "additionalProperties": False,
        },
    },
}
EARLIER_NAMES = {"timeout": "request-timeout"}
# The fields of Config that are not called as their keys are.
FIELDS = {"request-timeout": "timeout"}
LISTS = frozenset(
    {
        "allow-hosts",
        "allow-uploads",
        "checks",
        "claims",
        "exclude-checks",
        "lifecycles",
        "observe-allow",
        "phases",
    }
)
_TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}


def config_schema() -> dict[str, Any]:
    """The JSON Schema of a configuration: of the whole `aws-conformance.toml`, or of the table."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aws-conformance:config",
        "title": "aws-conformance configuration",
        "description": f"The content of {OWN_FILE}, or of [{TABLE}] in {PROJECT_FILE}.",
        "type": "object",
        "properties": dict(KEYS),
        "additionalProperties": False,
    }


def validate_config(raw: Any, source: str) -> None:
    """Raises UsageError for the first thing that is wrong with a configuration."""
    if not isinstance(raw, Mapping):
        raise UsageError(f"{source}: [{TABLE}] must be a table, not {raw!r}.")
    _no_foreign_values(raw, (), source)
    from ..spec.schema.validate import compile_validator

    for finding in compile_validator(config_schema()).findings(raw):
        raise _complaint(finding.path, finding.keyword, finding.bound, finding.value, source)


def _no_foreign_values(value: Any, path: tuple[str | int, ...], source: str) -> None:
    """Refuses what TOML can say and JSON cannot: dates, times, inf and nan."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            _no_foreign_values(item, (*path, key), source)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _no_foreign_values(item, (*path, index), source)
    elif not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise UsageError(f"{source}: {_dotted(path)}: {value} is no value for a setting.")


def _complaint(path: tuple[str | int, ...], keyword: str, bound: Any, value: Any, source: str) -> UsageError:
    place = f"{source}: {_dotted(path)}"
    match keyword:
        case "additionalProperties":
            if path == ("tool",):
                return UsageError(f"{place}: unknown key.", f"In {OWN_FILE} keys stand without [{TABLE}].")
            hint = did_you_mean(str(path[-1]), bound) or f"Known keys: {', '.join(bound)}."
            return UsageError(f"{place}: unknown key.", hint)
        case "type":
            return UsageError(f"{place} must be {_TYPES[bound]}, not {_shown(value)}.")
        case "enum":
            hint = did_you_mean(value, bound) if isinstance(value, str) else ""
            if isinstance(value, Mapping):
                hint = "The id of a check has dots in it, so write it in quotes."
            return UsageError(f"{place} must be one of {', '.join(bound)}, not {_shown(value)}.", hint)
        case "maxLength":
            return UsageError(f"{place} must have at most {bound} characters, not {len(value)}.")
        case "minimum" | "maximum" | "exclusiveMinimum":
            words = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "greater than"}[keyword]
            return UsageError(f"{place} must be {words} {bound}, not {_shown(value)}.")
        case "uniqueItems":
            return UsageError(f"{place} names something twice.")
        case _:
            return UsageError(f"{place} must not be empty.")


def _dotted(path: tuple[str | int, ...]) -> str:
    """The key as it is written in TOML; a key with a dot in it is quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f"{'.' if text else ''}" + (step if step.replace("-", "").isalnum() else f'"{step}"')
    return text


def _shown(value: Any) -> str:
    import json

    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
