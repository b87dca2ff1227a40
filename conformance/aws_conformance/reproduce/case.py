"""How to see a violation again without us: command lines and snippets for one attempt.

It owns their text. What a run made up (ids of its pool, its port) appears as shell variables that the
listed steps set, so the text does not depend on the run; credentials never appear.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

from ..cases.case import Case
from ..cases.contract import Contract
from ..cases.prerequisites import Prerequisites, prerequisites_for
from ..cases.setup import SetupStep
from ..cases.symbols import is_symbol, substitute, symbols
from ..http import Exchange, Headers, Request, Response
from ..protocols.masking import fixed, mask_body, mask_urls
from ..results.events import Reproduction
from ..spec.shapes import Operation
from .mask import without_secrets
from .redact import redact_headers
from .shell import cli_service, compact, kebab, quote, snake
from .source import source_of

__all__ = [
    "aws_line",
    "boto3_snippet",
    "curl_line",
    "reproduction",
    "stand_in",
    "variable_of",
    "variables_of",
]

_BODY_SHOWN = 4_000
_ENDPOINT = ("ENDPOINT_URL",)


def reproduction(
    contract: Contract,
    operation: Operation,
    case: Case,
    exchange: Exchange | None,
    endpoint: str,
    region: str,
    secrets: tuple[str, ...] = (),
) -> Reproduction:
    """Everything a maintainer needs for one finding: lines to paste, the case, the raw exchange.

    `endpoint` is the target's address, or `$ENDPOINT_URL` for one whose port the run made up. `secrets`
    are texts that must not be shown, wherever the target repeats them.
    """
    prerequisites = prerequisites_for(contract, operation)
    # What the kit made up is no secret, and has to be sent again as it was.
    document = substitute(case.template, lambda symbol: stand_in(symbol, prerequisites))
    return Reproduction(
        aws=aws_line(contract, operation, case, document, endpoint),
        boto3=boto3_snippet(contract, operation, case, document, endpoint, region),
        curl=curl_line(contract, operation, case, document, endpoint, region),
        case=case.info,
        template=case.template,
        request=without_secrets(_request_text(exchange.request), secrets) if exchange else "",
        response=without_secrets(_response_text(contract, operation, exchange.response), secrets)
        if exchange
        else "",
        steps=tuple(
            _step_line(contract, step, prerequisites, endpoint) for step in _steps(case, prerequisites)
        ),
        source=source_of(case),
    )


def aws_line(contract: Contract, operation: Operation, case: Case, document: Any, endpoint: str) -> str:
    """The `aws` command for a document; where the command would refuse or repair it, a comment says so."""
    service, known = cli_service(contract.service.name), variables_of(case.template)
    words = ["aws", service, kebab(operation.name)]
    if case.tamper or case.signature:
        return f"# the aws command can't send this ({case.info.title}); use curl"
    if isinstance(document, dict) and all(isinstance(item, str) for item in document.values()):
        for name, item in document.items():
            words += [f"--{kebab(name)}", quote(item, known)]
    else:
        words += ["--cli-input-json", quote(compact(document), known)]
    words += ["--endpoint-url", quote(endpoint, _ENDPOINT)]
    line = " ".join(words)
    if case.info.kind in ("negative", "tolerance") and case.info.keyword in _REFUSED_BY_CLIENTS:
        line += "   # the aws command may refuse this before it sends anything; curl sends it"
    return line


_REFUSED_BY_CLIENTS = frozenset(
    {"type", "required", "minLength", "minItems", "minimum", "additionalProperties", "minProperties"}
)


def boto3_snippet(
    contract: Contract, operation: Operation, case: Case, document: Any, endpoint: str, region: str
) -> str:
    """A Python snippet that sends the document without boto3's own validation."""
    if case.tamper or case.signature or not isinstance(document, dict):
        return f"# boto3 can't send this ({case.info.title}); use curl"
    known = "|".join(map(re.escape, sorted(variables_of(case.template))))
    shown = re.sub(rf"'\$({known})'", r"os.environ['\1']", repr(document)) if known else repr(document)
    url = "os.environ['ENDPOINT_URL']" if endpoint == "$ENDPOINT_URL" else repr(endpoint)
    return "\n".join(
        [
            "import os, boto3, botocore.config",
            f"client = boto3.client({contract.service.name!r}, region_name={region!r}, endpoint_url={url},",
            "                      config=botocore.config.Config(parameter_validation=False))",
            f"print(client.{snake(operation.name)}(**{shown}))",
        ]
    )


def curl_line(
    contract: Contract, operation: Operation, case: Case, document: Any, endpoint: str, region: str
) -> str:
    """A curl command that sends the very bytes, signed with the caller's own credentials or forged alike."""

    request = contract.protocol.encode_request(contract.service, operation, document)
    request = contract.protocol.malformed(request, case.tamper)
    words = ["curl", "-sS", "-i", "-X", request.method, f'"{endpoint}{request.path}"']
    if operation.signed:
        words += _signing_words(case.signature, region, contract.service.signing_name, request.body)
    if case.signature == "tampered-body":
        request = replace(request, body=request.body + b" ")
    for name, value in request.headers:
        words += ["-H", quote(f"{name}: {value}")]
    if case.fault:
        words += ["-H", quote(f"x-aws-conformance-fault: {case.fault}")]
    words += ["--data-binary", quote(request.body.decode("utf-8", "replace"), variables_of(case.template))]
    return " ".join(words)


def _signing_words(forgery: str, region: str, signing_name: str, body: bytes) -> list[str]:
    """The options by which curl signs a request, or forges its signature as the case does."""
    more: list[str] = []
    user = "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"
    match forgery:
        case "unsigned":
            return []
        case "unknown-key":
            user = "AKIDCONFORMANCENOBODY:$AWS_SECRET_ACCESS_KEY"
        case "wrong-secret":
            user = "$AWS_ACCESS_KEY_ID:another-secret"
        case "wrong-region":
            region = "eu-west-1" if region == "us-west-2" else "us-west-2"
        case "expired-date":
            more = ["-H", quote("X-Amz-Date: 20200101T000000Z")]
        case "tampered-body":
            # curl signs the hash that it is given; what is sent has a space more.
            more = ["-H", quote(f"X-Amz-Content-Sha256: {hashlib.sha256(body).hexdigest()}")]
    return ["--aws-sigv4", quote(f"aws:amz:{region}:{signing_name}"), "--user", f'"{user}"', *more]


def _steps(case: Case, prerequisites: Prerequisites) -> list[SetupStep]:
    """The steps that the case stands on; none for a case that needs no state."""
    return [step for step in prerequisites.steps if step.name not in case.without]


def _step_line(contract: Contract, step: SetupStep, prerequisites: Prerequisites, endpoint: str) -> str:
    """A shell line for a step; what later lines need of its answer goes into variables."""
    if step.upload is not None:
        url = stand_in(step.upload.url, prerequisites)
        headers = " ".join(f"-H {quote(f'{name}: {value}')}" for name, value in step.upload.headers.items())
        upload = f'curl -sS -X PUT {headers} --data-binary @users.csv "{url}"'
        return f"{upload}   # a CSV file with the pool's header"
    document = substitute(step.input, lambda symbol: stand_in(symbol, prerequisites))
    owner, operation = contract.owner(step.operation)
    line = (
        f"aws {cli_service(owner.service.name)} {kebab(operation.name)} "
        f"--cli-input-json {quote(compact(document), variables_of(step.input))} "
        f"--endpoint-url {quote(endpoint, _ENDPOINT)}"
    )
    return f"{line}   # its answer's members are ${variable_of(step.name)}_..."


def stand_in(symbol: Any, prerequisites: Prerequisites) -> Any:
    """What stands in a line for a symbol: a variable, a name, an identifier of nothing."""
    if not is_symbol(symbol):
        return symbol
    if "$from" in symbol:
        return f"${variable_of(symbol['$from'])}"
    if "$other" in symbol:
        return prerequisites.others[symbol["$other"]]
    word = str(symbol["$name"])
    return word.replace("{}", "conformance") if "{}" in word else f"conformance-{word}"


def variable_of(source: str) -> str:
    """The variable that holds what an answer gave, such as `CreateUserPool_UserPool_Id`."""
    return re.sub(r"\W", "_", source)


def variables_of(template: Any) -> frozenset[str]:
    """The names of the variables that stand for a template's symbols."""
    return frozenset(variable_of(symbol["$from"]) for symbol in symbols(template) if "$from" in symbol)


def _request_text(request: Request) -> str:
    path = mask_urls(request.path)
    lines = [f"{request.method} {path} HTTP/1.1", *_header_lines(redact_headers(request.headers))]
    return "\n".join([*lines, "", _cut(mask_urls(_beginning(request.body)), len(request.body))])


def _response_text(contract: Contract, operation: Operation, response: Response) -> str:
    if response.fate != "answered":
        return f"({response.fate}: {response.detail})"
    lines = [f"HTTP/1.1 {response.status}", *_header_lines(redact_headers(response.headers))]
    root = operation.output if 200 <= response.status < 300 else None
    return "\n".join([*lines, "", _body_text(contract, root, response.body)])


def _header_lines(headers: Headers) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]


def _body_text(contract: Contract, root: str | None, body: bytes) -> str:
    """A body of the target's, without what its sensitive members hold."""
    text = mask_body(contract.protocol.masking, contract.service, root, _beginning(body), fixed)
    return _cut(text, len(body))


def _beginning(body: bytes) -> str:
    # A huge body is cut before it is searched for secrets: what is cut off is not shown either.
    return body[: 4 * _BODY_SHOWN].decode("utf-8", "backslashreplace")


def _cut(text: str, size: int) -> str:
    return f"{text[:_BODY_SHOWN]}... (of {size} bytes)" if size > _BODY_SHOWN else text
