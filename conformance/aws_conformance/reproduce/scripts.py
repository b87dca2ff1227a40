# SPDX-License-Identifier: Apache-2.0
"""Transcripts as scripts that anybody can run: `aws` lines with curl, and boto3.

It owns their text. A script makes its own state: what later lines need of an answer goes into variables. It
refuses to know how a transcript came about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..http import ADVANCE_PATH
from .shell import cli_service, compact, kebab, quote, snake
from .transcript import Transcript, TranscriptStep

__all__ = ["aws_script", "boto3_script"]


def aws_script(transcript: Transcript, title: str, endpoint: str) -> str:
    """A bash script of `aws` and curl that repeats the transcript."""
    known = _variables(transcript)
    used = _used(transcript, known)
    lines = [f"# {_line(title)}", f"ENDPOINT_URL={_default('ENDPOINT_URL', endpoint)}"]
    lines += [f"{name}='Aa1!'\"$(date +%s%N)\"" for name in sorted(used & set(transcript.secrets))]
    for number, step in enumerate(transcript.steps, start=1):
        lines += [f"# {number}", *_aws_lines(transcript, step, known, used)]
        following = transcript.steps[number] if number < len(transcript.steps) else None
        if step.at_once and (following is None or not following.at_once):
            lines.append("wait")
    return "\n".join(lines)


def _default(name: str, endpoint: str) -> str:
    return f'"${{{name}:?where the target listens}}"' if endpoint.startswith("$") else quote(endpoint)


def _line(text: str) -> str:
    """A text on one line, whatever is in it: behind a # it stays a remark."""
    return " ".join(text.split())


def _aws_lines(
    transcript: Transcript, step: TranscriptStep, known: frozenset[str], used: frozenset[str]
) -> Iterator[str]:
    match step.did:
        case "request":
            document = quote(compact(step.document), known)
            service, _, operation = step.operation.rpartition(":")
            line = (
                f"aws {cli_service(service or transcript.service)} {kebab(operation)} "
                f'--cli-input-json {document} --endpoint-url "$ENDPOINT_URL"'
            )
            saves = {name: path for name, path in step.saves.items() if name in used}
            if saves:
                query = ",".join(_expression(path) for path in saves.values())
                yield f"read -r {' '.join(saves)} < <({line} --query '[{query}]' --output text)"
                yield f'echo "{step.operation}: {" ".join(f"${name}" for name in saves)}"'
            elif step.at_once:
                yield f"for _ in $(seq {step.times}); do {line} & done"
            else:
                yield line
        case "put":
            headers = " ".join(f"-H {quote(f'{name}: {value}')}" for name, value in step.headers.items())
            text = _single_quoted(step.body.decode("utf-8"))
            yield f"printf '%s' {text} | curl -sS -X PUT {headers} --data-binary @- \"{step.url}\""
        case "time":
            body = json.dumps({"seconds": step.seconds})
            yield f"curl -sS -X POST \"$ENDPOINT_URL{ADVANCE_PATH}\" --data-binary '{body}'"
        case "pause":
            yield f"sleep {step.seconds:g}"


def _expression(path: Iterable[str]) -> str:
    """A path as an expression of JMESPath, in which what counts the elements of a list stands in brackets."""
    steps = (f"[{part}]" if part.isdecimal() else f".{part}" for part in path)
    return "".join(steps).removeprefix(".")


def _single_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def boto3_script(transcript: Transcript, title: str, endpoint: str, region: str) -> str:
    """A Python script with boto3 that repeats the transcript."""
    known = _variables(transcript)
    used = _used(transcript, known)
    url = "os.environ['ENDPOINT_URL']" if endpoint.startswith("$") else repr(endpoint)
    lines = [
        f"# {_line(title)}",
        "import os, secrets, threading, time, urllib.request",
        "import boto3, botocore.config, botocore.exceptions",
        f"url = {url}",
        f"client = boto3.client({transcript.service!r}, region_name={region!r}, endpoint_url=url,",
        "    config=botocore.config.Config(parameter_validation=False, retries={'max_attempts': 0}))",
        "def call(name, given, client=client):",
        "    try:",
        "        answer = getattr(client, name)(**given)",
        "    except botocore.exceptions.ClientError as error:",
        "        answer = {'refused': str(error)}",
        "    answer.pop('ResponseMetadata', None)",
        "    print(name, answer, flush=True)",
        "    return answer",
        "def send(method, address, body, headers={}):",
        "    request = urllib.request.Request(address, body, headers, method=method)",
        "    print(method, urllib.request.urlopen(request).status, flush=True)",
    ]
    lines += [f"{name} = 'Aa1!' + secrets.token_hex(8)" for name in sorted(used & set(transcript.secrets))]
    for number, step in enumerate(transcript.steps, start=1):
        lines += [f"# {number}", *_boto3_lines(step, known, used)]
        following = transcript.steps[number] if number < len(transcript.steps) else None
        if step.at_once and (following is None or not following.at_once):
            lines.append("for one in threading.enumerate()[1:]: one.join()")
    return "\n".join(lines)


def _boto3_lines(step: TranscriptStep, known: frozenset[str], used: frozenset[str]) -> Iterator[str]:
    match step.did:
        case "request":
            service, _, operation = step.operation.rpartition(":")
            arguments = f"({snake(operation)!r}, {_python(step.document, known)}{_client(service)})"
            call = f"call{arguments}"
            if step.at_once:
                yield f"for _ in range({step.times}): threading.Thread(target=call, args={arguments}).start()"
                return
            saves = {name: path for name, path in step.saves.items() if name in used}
            yield f"answer = {call}" if saves else call
            for name, path in saves.items():
                steps = (int(part) if part.isdecimal() else part for part in path)
                yield f"{name} = answer{''.join(f'[{step!r}]' for step in steps)}"
        case "put":
            yield f"send('PUT', {_python(step.url, known)}, {step.body!r}, {dict(step.headers)!r})"
        case "time":
            body = json.dumps({"seconds": step.seconds}).encode()
            yield f"send('POST', url + {ADVANCE_PATH!r}, {body!r})"
        case "pause":
            yield f"time.sleep({step.seconds:g})"


def _client(service: str) -> str:
    """The argument that has another service asked; nothing for a step of the transcript's own."""
    if not service:
        return ""
    same = "region_name=client.meta.region_name, endpoint_url=url, config=client.meta.config"
    return f", boto3.client({service!r}, {same})"


def _python(document: Any, known: frozenset[str]) -> str:
    """A document as a Python literal in which variables are names."""
    names = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    return re.sub(rf"'\$({names})'", r"\1", repr(document)) if names else repr(document)


def _variables(transcript: Transcript) -> frozenset[str]:
    """All variables that there are: what answers give, and what the run made up."""
    return frozenset({name for step in transcript.steps for name in step.saves} | set(transcript.secrets))


def _used(transcript: Transcript, known: frozenset[str]) -> frozenset[str]:
    """The variables that some step needs."""
    texts = [text for step in transcript.steps for text in (compact(step.document), step.url)]
    return frozenset(
        name for name in known if any(re.search(rf"\${re.escape(name)}\b", text) for text in texts)
    )
