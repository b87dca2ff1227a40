# SPDX-License-Identifier: Apache-2.0
"""The schema of the summary of a run, published as schemas/report.json.

It owns what readers of a summary may rely on. It refuses to know how a summary comes about (summary.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from ..events import CaseInfo
from ..sdk_effects import SDK_EFFECTS
from ..terms import Answers, CauseKind, Provenance
from .summary import SEVERITIES, SUMMARY_VERSION, TALLIES, UNREPEATED

__all__ = ["report_schema"]


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _partly(required: tuple[str, ...], properties: Mapping[str, Any]) -> dict[str, Any]:
    return {**_object(properties), "required": list(required)}


def _map(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": dict(values)}


def report_schema() -> dict[str, Any]:
    """The JSON Schema of the summary."""
    text, flag, count = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
    covered = _map(_object(dict.fromkeys(("there", "judged", "departing"), count)))
    share = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    texts = {"type": "array", "items": text}
    identifier = {"type": "string", "pattern": "^[0-9a-f]{8}$"}
    tallies: dict[str, Any] = dict.fromkeys(TALLIES, count)
    operation = _object(
        {
            "implemented": flag,
            "evidence": text,
            "reached": flag,
            "unreached": text,
            "excused": flag,
            "cases": count,
            **tallies,
            "errors": _map({"enum": ["request", "fault injection"]}),
            "coverage": covered,
            "deaths": texts,
            "unrepeated": {"type": "array", "items": _object(dict.fromkeys(UNREPEATED, text))},
            "histories": {
                "type": "array",
                "items": _object(
                    dict.fromkeys(("id", "lifecycle", "kind", "title", "outcome", "reason"), text)
                ),
            },
        }
    )
    # Findings that do not represent their cause are told in short.
    case = _partly(("id",), dict.fromkeys((item.name for item in fields(CaseInfo)), text))
    reproduce = _partly(
        ("case", "source"),
        {
            "aws": text,
            "boto3": text,
            "curl": text,
            "case": case,
            "template": True,
            "request": text,
            "response": text,
            "steps": texts,
            "transcript": texts,
            "source": _partly(
                (),
                {
                    "sent": {"type": "object"},
                    "expectation": {"type": "object"},
                    "choices": {"type": "array", "items": count},
                    "redacted": flag,
                    "version": {"type": "integer"},
                },
            ),
        },
    )
    violation = _object(
        {
            "id": identifier,
            "operation": text,
            "operations": texts,
            "check": text,
            "severity": {"enum": list(SEVERITIES)},
            "provenance": {"enum": list(get_args(Provenance))},
            "scope": {"enum": ["operation", "target"]},
            "answers": {"enum": ["", *get_args(Answers)]},
            "path": text,
            "message": text,
            "requirement": text,
            "expected": text,
            "got": text,
            "cause": text,
            "site": text,
            "thrown": text,
            "sdks": {
                "type": "array",
                "items": _object({"sdk": text, "effect": {"enum": list(SDK_EFFECTS)}, "evidence": text}),
            },
            "count": count,
            "baseline": text,
            "cases": texts,
            "reproduce": reproduce,
        }
    )
    cause = _object(
        {
            "id": identifier,
            "kind": {"enum": list(get_args(CauseKind))},
            "title": text,
            "severity": {"enum": list(SEVERITIES)},
            "checks": texts,
            "places": count,
            "cases": count,
            "known": count,
            "operations": texts,
            "sites": texts,
            "valid_request": flag,
            "reason": text,
            "representative": identifier,
            "findings": {"type": "array", "items": identifier},
        }
    )
    totals = dict.fromkeys(
        ("operations", "implemented", "reached", "cases", "left_out", "places_left_out"), count
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aws-conformance:report",
        "title": "aws-conformance summary of a run",
    } | _object(
        {
            "version": {"const": SUMMARY_VERSION},
            "exit": {"enum": [0, 1, 2, 3, 4, 130]},
            "reasons": texts,
            "target": text,
            "seed": {"type": "integer"},
            "phases": texts,
            "started": text,
            "elapsed": {"type": "number", "minimum": 0},
            "versions": _map(text),
            "settings": {"type": "object"},
            "operations": _map(operation),
            "unfinished": texts,
            "totals": _object(totals | tallies),
            "coverage": _object({"coverage": share, "divergence": share, "kinds": covered}),
            "severities": _object(dict.fromkeys(SEVERITIES, count)),
            "causes": {"type": "array", "items": cause},
            "violations": {"type": "array", "items": violation},
        }
    )
