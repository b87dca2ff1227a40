# SPDX-License-Identifier: Apache-2.0
"""Findings out of a report: from the NDJSON of a run or from its JSON summary, in one form.

It owns how a summary is read back. It refuses to know what findings are wanted for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ..event_json import case_from_json
from ..events import CaseSource, Phase, Reported, Reproduction, Violation
from .ndjson import log_text, read_log

__all__ = ["Report", "read_report"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found, and what its verdicts depended on (see RunStarted)."""

    path: str
    target: str
    seed: int
    phases: tuple[Phase, ...]
    settings: Mapping[str, Any]
    findings: tuple[Reported, ...]


def read_report(path: Path) -> Report:
    """The findings of a report in NDJSON or JSON. Raises UsageError for any other file."""
    text = log_text(path, _HINT)
    try:
        raw = json.loads(text.partition("\n")[0] if text.startswith('{"@":') else text)
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is no report in JSON or NDJSON.", _HINT) from None
    if isinstance(raw, dict) and "@" in raw:
        log = read_log(path)
        findings = [event for event in log.events if isinstance(event, Reported)]
        head = log.header
        return Report(str(path), head.target, head.seed, head.phases, head.settings, tuple(findings))
    try:
        rows = raw["violations"]
        # Only the first finding of a check, and those told in full, say what it requires.
        requirements = {row["check"]: row["requirement"] for row in reversed(rows) if row["requirement"]}
        return Report(
            str(path),
            raw["target"],
            raw["seed"],
            tuple(raw["phases"]),
            raw["settings"],
            tuple(_reported(row, requirements) for row in rows),
        )
    except (KeyError, TypeError):
        raise UsageError(f"{path} is no summary of a run that this release can read.", _HINT) from None


_HINT = "Make one with `aws-conformance run --report json=PATH`."


def _reported(raw: Mapping[str, Any], requirements: Mapping[str, str]) -> Reported:
    shown = raw["reproduce"]
    violation = {item.name: raw[item.name] for item in fields(Violation) if item.name in raw}
    violation["requirement"] = raw["requirement"] or requirements.get(raw["check"], "")
    # Findings that do not represent their cause are told in short.
    case = case_from_json(
        {"title": "", "phase": "enumerated", "operation": raw["operation"], **shown["case"]}
    )
    # As if it held secrets: what does not stand there is not to be sent as it stands.
    redacted = "aws" not in shown and case.phase != "stateful"
    source = {"redacted": redacted, **shown["source"]}
    return Reported(
        # Older summaries lack what has come to violations since.
        Violation(**violation),
        raw["count"],
        Reproduction(
            aws=shown.get("aws", ""),
            boto3=shown.get("boto3", ""),
            curl=shown.get("curl", ""),
            case=case,
            template=shown.get("template"),
            request=shown.get("request", ""),
            response=shown.get("response", ""),
            steps=tuple(shown.get("steps", ())),
            transcript=tuple(shown.get("transcript", ())),
            source=CaseSource(**{**source, "choices": tuple(source.get("choices", ()))}),
        ),
        operations=tuple(raw["operations"]),
        baseline=raw["baseline"],
        cases=tuple(raw["cases"]),
    )
