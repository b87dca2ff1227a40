"""A history told so that anybody can see it again: transcript, scripts, the last exchange, the case itself.

It owns what a report holds of a history. It refuses to know how one is walked.
"""

from __future__ import annotations

from ..cases.lifecycles.histories import History, to_json
from ..results.events import CaseSource, Reproduction
from .scripts import aws_script, boto3_script
from .transcript import Transcript, numbered

__all__ = ["SOURCE_VERSION", "retold"]

SOURCE_VERSION = 1


def retold(history: History, transcript: Transcript, endpoint: str, region: str) -> Reproduction:
    """Everything a maintainer needs for a finding in a history; `endpoint` as in `reproduction`."""
    title = f"{history.lifecycle}: {history.info.title}"
    last = next((step for step in reversed(transcript.steps) if step.did == "request"), None)
    return Reproduction(
        aws=aws_script(transcript, title, endpoint),
        boto3=boto3_script(transcript, title, endpoint, region),
        curl="",
        case=history.info,
        template=last.document if last is not None else None,
        request="",
        response=last.answer if last is not None else "",
        transcript=numbered(transcript),
        source=CaseSource(sent={"history": to_json(history)}, version=SOURCE_VERSION),
    )
