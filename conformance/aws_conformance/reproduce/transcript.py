# SPDX-License-Identifier: Apache-2.0
"""Transcripts: what was done and answered in a history, step by step, as values and as numbered lines.

It owns their form and their text. Values that only a run knows are variables (`$first_JobId`), so that two
runs tell the same. It refuses to know how steps came about, and how they become scripts (scripts.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = ["Transcript", "TranscriptStep", "numbered"]

_INPUT_SHOWN = 400
_ANSWER_SHOWN = 600
# A longer text within an answer is cut: addresses with signatures hide what matters.
_TEXT_SHOWN = 48
_LONG_TEXT = re.compile(rf'"((?:[^"\\]|\\.){{{_TEXT_SHOWN}}})(?:[^"\\]|\\.)+"')

# request: an operation; put: an upload; time: the target's time was moved; pause: it was waited.
Did: TypeAlias = Literal["request", "put", "time", "pause"]


@dataclass(frozen=True, slots=True)
class TranscriptStep:
    """One step. `move` is the index of the move that it belongs to (-1: the setup).

    `document` is the input, with variables; `region` where it was asked for, if not where all else was;
    `answer` what came, without secrets, `success` whether it was one. `saves` names the variables that later
    steps take from the answer, each with its path in it. `believed` is where the resource is after it.
    `times` is how often it was sent, `at_once` with the steps beside it that are so too. An upload has `url`,
    `headers` and `body`; the rest `seconds`.
    """

    did: Did
    move: int
    operation: str = ""
    document: Any = None
    answer: str = ""
    success: bool = True
    region: str = ""
    saves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    believed: str = ""
    times: int = 1
    at_once: bool = False
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    title: str = ""
    seconds: float = 0.0

    @property
    def operation_name(self) -> str:
        """The operation's name within its service."""
        return self.operation.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Transcript:
    """The steps of one history on a target.

    `service` is the service's name; `secrets` are variables for what the run made up.
    """

    service: str
    steps: tuple[TranscriptStep, ...] = ()
    secrets: tuple[str, ...] = ()

    def service_of(self, step: TranscriptStep) -> str:
        """The service that a request goes to: of `service:Operation` the one that is named."""
        return step.operation.rpartition(":")[0] or self.service


def numbered(transcript: Transcript) -> tuple[str, ...]:
    """The transcript as lines: number, operation, input, answer, and the state believed."""
    width = len(str(len(transcript.steps)))
    return tuple(
        f"{number:>{width}}. {line}" for number, line in enumerate(_lines(transcript.steps), start=1)
    )


def _lines(steps: tuple[TranscriptStep, ...]) -> Iterator[str]:
    for step in steps:
        believed = f"   [{step.believed}]" if step.believed else ""
        match step.did:
            case "request":
                often = f" ({step.times} at once)" if step.at_once else ""
                often += f" in {step.region}" if step.region else ""
                document = _cut(json.dumps(step.document, ensure_ascii=False), _INPUT_SHOWN)
                yield f"{step.operation} {document}{often} → {_answer(step.answer)}{believed}"
            case "put":
                yield f"PUT {step.title} ({len(step.body)} bytes) to {step.url} → {step.answer}{believed}"
            case "time":
                yield f"time moves by {step.seconds:g} s{believed}"
            case "pause":
                yield f"wait {step.seconds:g} s{believed}"


def _answer(text: str) -> str:
    return _cut(_LONG_TEXT.sub(r'"\1..."', text), _ANSWER_SHOWN)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
