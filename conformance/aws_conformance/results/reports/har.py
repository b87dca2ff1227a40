# SPDX-License-Identifier: Apache-2.0
"""The format `har`: the exchanges of a run's findings as an HTTP Archive, which browsers and proxies read.

It owns that form, made of the raw exchanges that reports hold: masked, and cut where they are long. It
refuses to know what is wrong with an exchange, which stands beside it as a comment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ..events import Reported
from .recorded import RecordedRun, at_end

__all__ = ["begin", "har"]

_REQUEST_LINE = re.compile(r"(?P<method>\S+) (?P<path>\S+) HTTP/1\.1")
_STATUS_LINE = re.compile(r"HTTP/1\.1 (?P<status>\d{3})\s*(?P<reason>.*)")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
# What a target's address is where the run made it up.
_NOWHERE = "http://localhost"


def har(run: RecordedRun) -> dict[str, Any]:
    """The findings of a run that were seen in a single exchange, as an archive."""
    started = run.summary.started
    versions = started.versions if started else {}
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "aws-conformance", "version": versions.get("aws-conformance", "unknown")},
            "entries": list(_entries(run)),
        }
    }


def _entries(run: RecordedRun) -> Iterator[dict[str, Any]]:
    started = run.summary.started
    target = started.target if started and "://" in started.target else _NOWHERE
    for finding in run.summary.findings:
        head = _REQUEST_LINE.match(finding.reproduction.request)
        if head is not None:
            yield _entry(finding, head, target, started.started if started else "1970-01-01T00:00:00Z")


def _entry(finding: Reported, head: re.Match[str], target: str, started: str) -> dict[str, Any]:
    violation, shown = finding.violation, finding.reproduction
    headers, body = _message(shown.request)
    answered = _STATUS_LINE.match(shown.response)
    answer_headers, answer = _message(shown.response) if answered else ([], "")
    date = next((_DATE.fullmatch(item["value"]) for item in headers if item["name"] == "X-Amz-Date"), None)
    query = head["path"].partition("?")[2]
    request: dict[str, Any] = {
        "method": head["method"],
        "url": f"{target.rstrip('/')}{head['path']}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers,
        "queryString": [
            dict(zip(("name", "value"), (*pair.split("=", 1), ""), strict=False))
            for pair in query.split("&")
            if pair
        ],
        "headersSize": -1,
        "bodySize": len(body.encode("utf-8", "surrogatepass")),
    }
    if body:
        request["postData"] = {"mimeType": _named(headers, "content-type"), "text": body}
    return {
        "startedDateTime": "{}-{}-{}T{}:{}:{}Z".format(*date.groups()) if date else started,
        "time": 0,
        "request": request,
        "response": {
            "status": int(answered["status"]) if answered else 0,
            "statusText": answered["reason"] if answered else shown.response[:200],
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": answer_headers,
            "content": {
                "size": len(answer.encode("utf-8", "surrogatepass")),
                "mimeType": _named(answer_headers, "content-type") or "application/octet-stream",
                "text": answer,
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "comment": f"{violation.operation} {violation.check} {violation.id}: {violation.message}",
        "_service": violation.operation.partition(":")[0],
        "_operation": violation.operation.partition(":")[2],
    }


def _message(text: str) -> tuple[list[dict[str, str]], str]:
    """The headers and the body of a message as reports hold it."""
    head, _, body = text.partition("\n\n")
    lines = (line.partition(": ") for line in head.split("\n")[1:])
    return [{"name": name, "value": value} for name, colon, value in lines if colon], body


def _named(headers: list[dict[str, str]], name: str) -> str:
    return next((item["value"] for item in headers if item["name"].lower() == name), "")


begin = at_end(lambda run: json.dumps(har(run), indent=1, ensure_ascii=True) + "\n")
