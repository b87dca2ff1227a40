# SPDX-License-Identifier: Apache-2.0
"""A finding in a history, as what anybody needs to see it again: transcript, scripts, last answer, case.

It owns what a report holds of a history. It refuses to know how one is executed.
"""

from __future__ import annotations

from typing import Any, assert_never

from ..cases.lifecycles.histories import History, to_json
from ..cases.oracles.script import Script, script_to_json
from ..results.events import CaseSource, Reproduction
from .scripts import aws_script, boto3_script
from .transcript import Transcript, numbered

__all__ = ["SOURCE_VERSION", "history_reproduction"]

SOURCE_VERSION = 1


def history_reproduction(
    history: History | Script, transcript: Transcript, endpoint: str, region: str
) -> Reproduction:
    """Everything a maintainer needs for a finding in a history; `endpoint` as in `reproduction`."""
    title = f"{history.info.lifecycle}: {history.info.title}"
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
        source=CaseSource(sent=_source(history), version=SOURCE_VERSION),
    )


def _source(history: History | Script) -> dict[str, Any]:
    match history:
        case History():
            return {"history": to_json(history)}
        case Script():
            return {"oracle": script_to_json(history)}
        case _:
            assert_never(history)
