# SPDX-License-Identifier: Apache-2.0
"""`validate`: what somebody already has, an exchange or a decoded output, against the documents.

It owns the form of those files and of the findings printed for them; it refuses to know any rule.
"""

from __future__ import annotations

import base64
import binascii
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ...errors import UsageError, did_you_mean
from ...http import Headers, Response
from ...results.events import Violation
from ..listed_protocols import listed_protocols
from .options import ALL_PROTOCOLS, lifecycles_option, model_option, protocol_option
from .user_json import load_json, read_lines
from .validate_batch import NOTHING, Answer, Batch, portions

__all__ = ["parse_exchange", "validate"]


@click.command()
@click.argument("operation", metavar="SERVICE:OPERATION", required=False)
@click.option("--exchange", metavar="FILE", help="A response as it came; `-` is stdin.")
@click.option("--instance", metavar="FILE", help="A decoded output, in the schema's terms; `-` is stdin.")
@click.option("--batch", metavar="FILE.jsonl", help="Many of either, one a line; `-` is stdin.")
@click.option("--har", metavar="FILE", help="An HTTP Archive, of a browser or a proxy; `-` is stdin.")
@click.option("--vcr", metavar="FILE", help="A cassette of vcrpy, in YAML or JSON; `-` is stdin.")
@click.option("--mitmproxy", metavar="FILE", help="A dump of mitmproxy (`mitmdump -w`); `-` is stdin.")
@click.option("--botocore-log", metavar="FILE", help="A debug log of botocore; `-` is stdin.")
@click.option("--cloudtrail", metavar="FILE", help="A log file of CloudTrail: lives alone; `-` is stdin.")
@lifecycles_option
@click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A folder of schemas, as `schema --out` writes it, in place of the built-in ones.",
)
@protocol_option
@model_option
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON; --batch always does.")
def validate(
    operation: str | None,
    exchange: str | None,
    instance: str | None,
    batch: str | None,
    schemas: Path | None,
    protocol: str | None,
    lifecycles: tuple[str, ...],
    as_json: bool,
    **recordings: str | None,
) -> int:
    """Validate a response, a decoded output, or what another tool recorded, against the documents.

    Of a recording, each call is judged in both directions, and resources over all of it.

    \b
    --exchange  {"status": 200, "headers": {...}, "body": "text" | {"base64": "..."}}
    --batch     {"service", "operation", "instance" | "exchange" | "error": {"code", "message"},
                "status"?, "protocol"?} a line
    exit        0 nothing at error severity, 1 findings at error, 2 usage
    """
    recorded = [(form, file) for form, file in recordings.items() if file is not None]
    sources = [name for name in (exchange, instance, batch) if name is not None]
    if len(sources) + len(recorded) != 1:
        others = ", ".join(f"--{form.replace('_', '-')}" for form in recordings)
        raise UsageError(f"Give one of --exchange, --instance and --batch, {others}.", "See validate --help.")
    if recorded:
        return _validate_recording(*recorded[0], operation, schemas, protocol, lifecycles, as_json)
    if lifecycles:
        raise UsageError("A lifecycle is judged over a recording.", "Such as --har FILE.")
    if schemas is not None and not schemas.is_dir():
        raise UsageError(f"{schemas} is no folder.", "Make one with `aws-conformance schema ... --out DIR`.")
    if batch is not None:
        if operation is not None:
            raise UsageError("With --batch each line names its own operation.", f"Leave {operation!r} out.")
        return _validate_batch(batch, protocol, schemas)
    if operation is None:
        raise UsageError("Which operation?", "Write `validate SERVICE:OPERATION`.")
    from ...spec.selectors import find_operation

    service, known = find_operation(operation)
    row: dict[str, Any] = {"service": service.name, "operation": known.name, "protocol": protocol}
    kind, file = ("exchange", exchange) if exchange is not None else ("instance", instance)
    row[kind] = load_json(str(file))
    findings = _judge_row(row, None, schemas)
    unjudged = _unjudged(row, schemas)
    if as_json:
        shown: dict[str, Any] = {"findings": [_finding(finding) for finding in findings]}
        click.echo(json.dumps(shown | ({"unjudged": unjudged} if unjudged else {}), indent=2))
    else:
        _print(findings)
        for line in unjudged:
            click.echo(line, err=True)
    return _exit_code(findings)


def _validate_recording(
    form: str,
    file: str,
    operation: str | None,
    schemas: Path | None,
    protocol: str | None,
    lifecycles: tuple[str, ...],
    as_json: bool,
) -> int:
    if operation is not None or schemas is not None or protocol is not None:
        raise UsageError("A recording's calls name their own operations.", "Leave the rest out.")
    from ...cases.lifecycles.registry import check_files
    from .recorded import validate_recording

    check_files(lifecycles)
    return validate_recording(form, file, lifecycles, as_json, _finding)


def _exit_code(findings: Iterable[Violation]) -> int:
    return int(any(finding.severity == "error" for finding in findings))


def _print(findings: Sequence[Violation]) -> None:
    if not findings:
        click.echo("No findings.")
        return
    from rich.console import Console

    from ...results.reports.finding_text import finding_lines

    console = Console(markup=False, highlight=False, emoji=False, force_terminal=sys.stdout.isatty())
    for number, finding in enumerate(findings):
        if number:
            console.print()
        for line in finding_lines(finding, width=max(60, console.width)):
            console.print(line, soft_wrap=True)


def _finding(violation: Violation) -> dict[str, Any]:
    return {
        "check": violation.check,
        "severity": violation.severity,
        "path": violation.path,
        "message": violation.message,
        "operation": violation.operation,
        "provenance": violation.provenance,
        "requirement": violation.requirement,
        "expected": violation.expected,
        "got": violation.got,
        "id": violation.id,
    }


def _validate_batch(file: str, protocol: str | None, schemas: Path | None) -> int:
    """Answers each line by a line, in order; a bad line is told in its place and spoils no other."""

    def judged(row: Any) -> Answer:
        findings = _judge_row(row, protocol, schemas)
        shown = [_finding(finding) for finding in findings]
        return json.dumps({"findings": shown}) if shown else NOTHING, _exit_code(findings)

    exit_code = 0
    batch = Batch(judged, protocol, looks=schemas is None and protocol != ALL_PROTOCOLS)
    # Whoever feeds us line by line through a pipe may wait for each answer; a file does not wait.
    for portion in portions(read_lines(file), wait=file != "-"):
        answers, worst = batch.judged(portion)
        exit_code = max(exit_code, worst)
        click.echo("\n".join(answers))
    return exit_code


def _judge_row(row: Any, protocol: str | None, schemas: Path | None) -> list[Violation]:
    from ...checks.validate import validate_error, validate_exchange, validate_instance

    if not isinstance(row, Mapping):
        raise UsageError(f"A line must be a JSON object, not {_kind(row)}.")
    service, operation = _text(row, "service"), _text(row, "operation")
    protocol = _text(row, "protocol") if row.get("protocol") is not None else protocol
    if sum(name in row for name in ("instance", "exchange", "error")) != 1:
        raise UsageError("There must be one of 'instance', 'exchange' and 'error'.")
    if protocol == ALL_PROTOCOLS:
        return _best_reading({key: item for key, item in row.items() if key != "protocol"}, schemas)
    if "exchange" in row:
        response = parse_exchange(row["exchange"])
        return validate_exchange(service, operation, response, protocol=protocol, schemas=schemas)
    status = _status(row["status"]) if row.get("status") is not None else None
    if "error" in row:
        error = row["error"]
        if not isinstance(error, Mapping) or not isinstance(error.get("message"), str | None):
            raise UsageError("'error' must be an object with 'code' and 'message'.")
        code, message = _text(error, "code"), error.get("message")
        return validate_error(
            service, operation, code, message, protocol=protocol, status=status, schemas=schemas
        )
    return validate_instance(
        service, operation, row["instance"], protocol=protocol, status=status, schemas=schemas
    )


def _unjudged(row: Mapping[str, Any], schemas: Path | None) -> list[str]:
    """A line for each text of an output whose pattern could not be judged."""
    from ...checks.unjudged import unjudged_patterns

    output = parse_exchange(row["exchange"]) if "exchange" in row else row["instance"]
    protocol = None if row["protocol"] == ALL_PROTOCOLS else row["protocol"]
    return unjudged_patterns(row["service"], row["operation"], output, protocol=protocol, schemas=schemas)


def _best_reading(row: Mapping[str, Any], schemas: Path | None) -> list[Violation]:
    """The findings over that protocol of the service over which there are the fewest: bytes are of one."""
    name = f"{_text(row, 'service')}:{_text(row, 'operation')}"
    readings = [_judge_row(row, protocol, schemas) for protocol in listed_protocols([name])]
    return min(readings, key=lambda findings: (_errors(findings), len(findings)))


def _errors(findings: Iterable[Violation]) -> int:
    return sum(1 for finding in findings if finding.severity == "error")


def parse_exchange(raw: Any) -> Response:
    """The response that `{"status", "headers", "body"}` describes. Raises UsageError for anything else."""
    if not isinstance(raw, Mapping):
        raise UsageError(f"An exchange is a JSON object, not {_kind(raw)}.")
    known = ("status", "headers", "body")
    for key in raw:
        if key not in known:
            hint = did_you_mean(key, known) or f"It holds {', '.join(known)}."
            raise UsageError(f"An exchange has no {key!r}.", hint)
    if "status" not in raw:
        raise UsageError("An exchange needs a 'status'.", "Such as 200.")
    return Response(_status(raw["status"]), _headers(raw.get("headers") or {}), _body(raw.get("body")))


def _status(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 100 <= raw <= 599:
        raise UsageError(f"'status' must be a whole number from 100 to 599, not {_shown(raw)}.")
    return raw


def _headers(raw: Any) -> Headers:
    if not isinstance(raw, Mapping):
        raise UsageError(f"'headers' must be an object, not {_kind(raw)}.")
    headers = []
    for name, values in raw.items():
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, str):
                raise UsageError(f"Header {name!r} must be text, or a list of texts, not {_shown(value)}.")
            headers.append((name, value))
    return tuple(headers)


def _body(raw: Any) -> bytes:
    match raw:
        case None:
            return b""
        case str():
            try:
                return raw.encode()
            except UnicodeEncodeError:
                raise UsageError("'body' holds half of a surrogate pair.", _BASE64) from None
        case {"base64": str(encoded), **rest} if not rest:
            try:
                return base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                raise UsageError("'body' is not base64.") from None
        case _:
            raise UsageError(f"'body' must be text or {{\"base64\": ...}}, not {_shown(raw)}.")


_BASE64 = 'Write its bytes as {"base64": "..."}.'


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise UsageError(
            f"{key!r} must be text, not {_shown(value)}." if key in row else f"{key!r} is missing."
        )
    return value


def _kind(value: Any) -> str:
    return "null" if value is None else f"a {type(value).__name__}"


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
