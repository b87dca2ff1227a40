# SPDX-License-Identifier: Apache-2.0
"""Recordings of other tools judged: each call to AWS in them as observing judges it, and lives over all.

It owns what of a recording is a call, the order of calls, and the count of what they show. It refuses to know
any tool's file and any rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ..captures.capture import Capture
from ..engine.histories.bystander import Bystander
from ..engine.histories.recorded_life import SeenCall
from ..engine.plan import Plan
from ..http import header
from ..protocols.routing import access_key, aws_host, is_for_aws
from .plugin.call_check import CallCheck, CallVerdict
from .plugin.observed_call import ObservedCall
from .recording_verdict import RecordingVerdict

__all__ = ["judge_captures"]


def judge_captures(captures: Sequence[Capture], plan: Plan) -> RecordingVerdict:
    """The verdict on a recording. Never raises for anything that a target may have sent."""
    check = CallCheck(plan)
    bystander = Bystander(plan.lifecycles, plan.severities)
    verdict = RecordingVerdict(exchanges=len(captures))
    for capture, is_alone in _in_order(captures):
        if bystander.upload(capture.url, capture.request.body, _is_success(capture)):
            continue
        host = urlsplit(capture.url).hostname or ""
        if _is_preflight(capture) or not is_for_aws(capture.request, host):
            continue
        verdict.calls += 1
        call = ObservedCall(
            capture.url,
            capture.request,
            capture.response,
            unread_request=capture.unread_request or None,
            unread_response=capture.unread_response or None,
        )
        judged = check.verdict(call)
        _count(verdict, capture, judged)
        if judged.answer is not None:
            seen = SeenCall(
                judged.answer,
                urlsplit(capture.url).netloc,
                access_key(capture.request) or "",
                aws_host(host) is not None,
                is_alone,
                capture.started,
            )
            verdict.add(capture.number, bystander.take(seen))
    return verdict


def _count(verdict: RecordingVerdict, capture: Capture, judged: CallVerdict) -> None:
    reason = judged.unvalidated
    if reason is None and capture.response is None:
        reason = "not answered"
    if reason is None:
        verdict.validated += 1
        verdict.operations.update((judged.operation,) if judged.operation else ())
    else:
        where = judged.service or "an unknown service"
        verdict.unvalidated[f"{where} ({reason})" if reason else where] += 1
    verdict.requests += ((capture.number, fault) for fault in judged.faults)
    verdict.add(capture.number, judged.violations)


def _in_order(captures: Sequence[Capture]) -> Iterator[tuple[Capture, bool]]:
    """The exchanges in the order in which they began, each with whether no other was on its way meanwhile.

    Without times it is the file's order, and nothing was on its way with anything else.
    """
    if any(capture.started is None for capture in captures):
        yield from ((capture, True) for capture in captures)
        return
    ordered = sorted(captures, key=lambda capture: capture.started or 0.0)
    ends = 0.0
    for index, capture in enumerate(ordered):
        began, until = capture.started or 0.0, capture.ended or capture.started or 0.0
        after = ordered[index + 1].started if index + 1 < len(ordered) else None
        yield capture, began >= ends and (after is None or after >= until)
        ends = max(ends, until)


def _is_success(capture: Capture) -> bool:
    return capture.response is not None and 200 <= capture.response.status < 300


def _is_preflight(capture: Capture) -> bool:
    """Whether this is a browser's question before a request, which no API answers."""
    asked = header(capture.request.headers, "access-control-request-method")
    return capture.request.method == "OPTIONS" and asked is not None
