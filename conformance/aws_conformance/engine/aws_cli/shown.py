# SPDX-License-Identifier: Apache-2.0
"""How to see again what the `aws` command did: the line to paste, and what came of it.

It owns their text. It refuses to show what is secret, and values that only one run had: they are shell
variables that the steps set.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any

from ...cases.case import Case
from ...cases.contract import OperationContract
from ...cases.expectations import Expectation
from ...cases.prerequisites import prerequisites_for
from ...cases.symbols import substitute
from ...protocols.json_masking import JSON_MASKING
from ...protocols.masking import fixed, mask_body, mask_urls
from ...reproduce.case import reproduction
from ...reproduce.mask import without_secrets
from ...results.events import CaseSource, Reproduction
from .case import CommandCase
from .invocation import Invocation, words

__all__ = ["shown"]

_ENDPOINT = "$ENDPOINT_URL"
_REFUSING = "http://127.0.0.1:1"
_VARIABLE = re.compile(r"\$[A-Za-z_]\w*")


def shown(
    contract: OperationContract,
    case: CommandCase,
    invocation: Invocation | None,
    region: str,
    secrets: tuple[str, ...] = (),
) -> Reproduction:
    """The reproduction of one invocation. It holds no case that `replay` could send: only a line to paste."""
    plain = Case(case.info, case.template, Expectation("answered"))
    request_reproduction = reproduction(contract, plain, None, _ENDPOINT, region)
    return replace(
        request_reproduction,
        aws=_line(contract, case),
        boto3="# boto3 can't show what the aws command does",
        curl="# curl can't show what the aws command does",
        request=without_secrets(_sent(contract, invocation), secrets),
        response=without_secrets(_printed(contract, invocation), secrets),
        source=CaseSource(),
    )


def _line(contract: OperationContract, case: CommandCase) -> str:
    prerequisites = prerequisites_for(contract)

    def stand_in(symbol: dict[str, str]) -> str:
        if "$other" in symbol:
            return prerequisites.others[symbol["$other"]]
        if "$name" in symbol:
            return f"conformance-{symbol['$name']}"
        return "$" + re.sub(r"\W", "_", symbol["$from"])

    document: Any = substitute(case.template, stand_in)
    url = _REFUSING if case.endpoint == "refusing" else _ENDPOINT
    line = " ".join(["aws", *map(_quoted, words(contract, case, document, url))])
    if not case.credentials:
        return f"env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_PROFILE {line}"
    return line


def _quoted(word: str) -> str:
    """Shell quoting that leaves our own variables to be expanded."""
    if not _VARIABLE.search(word):
        return shlex.quote(word)
    escaped = re.sub(r'([\\"`])', r"\\\1", word)
    return f'"{escaped}"'


def _sent(contract: OperationContract, invocation: Invocation | None) -> str:
    """What the endpoint saw, in short: the bodies."""
    if invocation is None or not invocation.exchanges:
        return "(nothing was sent)"
    service, masking = contract.service, contract.protocol.masking
    return "\n\n".join(
        f"{request.method} {mask_urls(request.path)} (answered with {exchange.response.status})\n\n"
        + mask_body(
            masking,
            service,
            contract.operation.input,
            request.body.decode("utf-8", "backslashreplace"),
            fixed,
        )
        for exchange in invocation.exchanges
        for request in (exchange.request,)
    )


def _printed(contract: OperationContract, invocation: Invocation | None) -> str:
    if invocation is None:
        return ""
    done = invocation.finished
    out = mask_body(JSON_MASKING, contract.service, contract.operation.output, done.stdout, fixed)
    code = "no exit in time" if done.exit is None else f"exit {done.exit}"
    return f"{code}\n\nstandard output:\n{out[:4000]}\nstandard error:\n{mask_urls(done.stderr)[:4000]}"
