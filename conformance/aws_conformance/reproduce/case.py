# SPDX-License-Identifier: Apache-2.0
"""How to see a violation again without us: command lines and snippets for one attempt.

It owns their text. What a run made up (ids of its pool, its port) appears as shell variables that the
listed steps set, so the text does not depend on the run; credentials never appear.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..cases.case import Case
from ..cases.contract import Contract, OperationContract
from ..cases.prerequisites import Prerequisites, prerequisites_for, with_steps
from ..cases.setup import SetupStep, StepWait
from ..cases.symbols import is_symbol, substitute, symbols
from ..http import Exchange, Headers, Request, Response, header
from ..protocols.masking import fixed, mask_body, mask_urls
from ..results.events import Reproduction
from ..spec.shapes import StringShape
from .clients import boto3_arguments, has_blobs
from .mask import without_secrets
from .redact import redact_headers
from .shell import cli_service, compact, kebab, octal, quote, snake
from .source import source_of

__all__ = [
    "CSV_PROGRAM",
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
_FORM = "application/x-www-form-urlencoded"
# An argument of a command can't be longer than this many bytes; what is piped can.
_LONGEST_ARGUMENT = 120_000
# A program that prints a CSV file with the columns and rows that it is called with.
CSV_PROGRAM = r"""
import json, sys
columns, rows = map(json.loads, sys.argv[1:])
for row in [dict(zip(columns, columns)), *rows]:
    print(",".join(row.get(column, "").replace(",", "\\,") for column in columns))
""".strip()


def reproduction(
    contract: OperationContract,
    case: Case,
    exchange: Exchange | None,
    endpoint: str,
    region: str,
    secrets: tuple[str, ...] = (),
    beside: Sequence[SetupStep] = (),
    waits: Mapping[str, StepWait] | None = None,
    *,
    afresh: bool = False,
) -> Reproduction:
    """Everything a maintainer needs for one finding: lines to paste, the case, the raw exchange.

    `endpoint` is the target's address, or `$ENDPOINT_URL` for one whose port the run made up. `secrets`
    are texts that must not be shown, wherever the target repeats them. `beside` are steps that it takes
    beside those of the case; `afresh` tells that a target that held nothing has shown it with them. `waits`
    are what was waited for after steps, by the full names of their operations.
    """
    learned = contract.service_contract.learned.get(contract.name)
    prerequisites = prerequisites_for(with_steps(contract, beside))
    owners = (
        contract.service_contract.owner(step.operation).full_name
        for step in prerequisites.steps
        if step.operation
    )
    waited = {name: waits[name] for name in owners if name in waits} if waits else {}
    # What the kit made up is no secret, and has to be sent again as it was.
    document = substitute(case.template, lambda symbol: stand_in(symbol, prerequisites))
    return Reproduction(
        aws=aws_line(contract, case, document, endpoint),
        boto3=boto3_snippet(contract, case, document, endpoint, region),
        curl=curl_line(contract, case, document, endpoint, region),
        case=case.info,
        template=case.template,
        request=without_secrets(_request_text(exchange.request), secrets) if exchange else "",
        response=without_secrets(_response_text(contract, exchange.response), secrets) if exchange else "",
        steps=tuple(
            _step_line(contract.service_contract, step, prerequisites, endpoint)
            for step in _steps(case, prerequisites)
        ),
        source=source_of(case, learned, beside, waited, afresh=afresh),
    )


def aws_line(contract: OperationContract, case: Case, document: Any, endpoint: str) -> str:
    """The `aws` command for a document; where the command would refuse or repair it, a comment says so."""
    service, known = cli_service(contract.service.name), variables_of(case.template)
    words = ["aws", service, kebab(contract.name)]
    if case.tamper or case.signature:
        return f"# the aws command can't send this ({case.info.title}); use curl"
    if _are_options(contract, document):
        for name, item in document.items():
            words += [f"--{kebab(name)}", quote(item, known)]
    else:
        words += ["--cli-input-json", quote(compact(document), known)]
    words += ["--endpoint-url", quote(endpoint, _ENDPOINT)]
    line = " ".join(words)
    if len(line.encode("utf-8", "replace")) > _LONGEST_ARGUMENT:
        return f"# the aws command can't be handed this much ({case.info.title}); use curl"
    if case.info.kind in ("negative", "tolerance") and case.info.keyword in _REFUSED_BY_CLIENTS:
        line += "   # the aws command may refuse this before it sends anything; curl sends it"
    elif has_blobs(contract.service, contract.operation.input, document):
        line += "   # version 1 of the aws command may refuse or change binary values; version 2 does not"
    return line


def _are_options(contract: OperationContract, document: Any) -> bool:
    """Whether the command takes each member by its own option, and passes it on as it is.

    A text that begins like a URL would be fetched, one with a dash be taken for an option, one for a list be
    split; and some members are called as options of the command itself.
    """
    members = contract.service.structure(contract.operation.input).members
    return isinstance(document, dict) and all(
        isinstance(item, str)
        and name in members
        and isinstance(contract.service.shapes[members[name].target], StringShape)
        and kebab(name) not in _OPTIONS_OF_AWS
        and not item.lower().startswith(("-", "file://", "fileb://", "http://", "https://"))
        for name, item in document.items()
    )


_OPTIONS_OF_AWS = frozenset(
    {
        "ca-bundle",
        "cli-auto-prompt",
        "cli-binary-format",
        "cli-connect-timeout",
        "cli-error-format",
        "cli-input-json",
        "cli-input-yaml",
        "cli-read-timeout",
        "color",
        "debug",
        "endpoint-url",
        "generate-cli-skeleton",
        "help",
        "max-items",
        "no-cli-pager",
        "no-paginate",
        "no-sign-request",
        "no-verify-ssl",
        "output",
        "page-size",
        "profile",
        "query",
        "region",
        "starting-token",
        "version",
    }
)

_REFUSED_BY_CLIENTS = frozenset(
    {
        "additionalProperties",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "propertyNames",
        "required",
        "type",
    }
)


def boto3_snippet(contract: OperationContract, case: Case, document: Any, endpoint: str, region: str) -> str:
    """A Python snippet that sends the document without boto3's own validation."""
    arguments = None if case.tamper or case.signature else boto3_arguments(contract, document)
    if arguments is None:
        return f"# boto3 can't send this ({case.info.title}); use curl"
    known = "|".join(map(re.escape, sorted(variables_of(case.template))))
    shown = re.sub(rf"'\$({known})'", r"os.environ['\1']", repr(arguments)) if known else repr(arguments)
    url = "os.environ['ENDPOINT_URL']" if endpoint == "$ENDPOINT_URL" else repr(endpoint)
    return "\n".join(
        [
            "import os, boto3, botocore.config",
            f"client = boto3.client({contract.service.name!r}, region_name={region!r}, endpoint_url={url},",
            "                      config=botocore.config.Config(parameter_validation=False))",
            f"print(client.{snake(contract.name)}(**{shown}))",
        ]
    )


def curl_line(
    contract: OperationContract,
    case: Case,
    document: Any,
    endpoint: str,
    region: str,
    *,
    in_urls: str = "",
) -> str:
    """A curl command that sends the very bytes, signed with the caller's own credentials or forged alike.

    In addresses and forms variables have a name that ends in `in_urls`: what they hold is encoded there.
    """

    request = contract.encode_request(document)
    request = contract.protocol.malformed(request, case.tamper)
    known = variables_of(case.template)
    encoded = {f"%24{name}": f"${name}{in_urls}" for name in sorted(known, key=len, reverse=True)}
    known |= {name.removeprefix("$") for name in encoded.values()}
    request = _with_variables(request, encoded)
    words = ["curl", "-sS", "-i", *_method_words(request), _url_word(endpoint, request.path, known)]
    if contract.operation.signed:
        words += _signing_words(case.signature, region, contract.service.signing_name, request.body)
    if case.signature == "tampered-body":
        request = replace(request, body=request.body + b" ")
    if _sends_body(request) and header(request.headers, "content-type") is None:
        # Otherwise curl would say that a form follows, of no bytes as well.
        words += ["-H", "Content-Type:"]
    for name, value in request.headers:
        # A header without a value is left out by curl, unless it ends in a semicolon.
        words += ["-H", quote(f"{name}: {value}" if value else f"{name};", known)]
    if case.fault:
        words += ["-H", quote(f"x-aws-conformance-fault: {case.fault}")]
    return _with_body(words, request, known)


def _sends_body(request: Request) -> bool:
    """Whether a command says that there is a body, if only one without bytes."""
    return bool(request.body) or request.method not in ("GET", "HEAD", "DELETE")


def _method_words(request: Request) -> list[str]:
    # An answer to HEAD has no body, which curl would wait for.
    return ["--head"] if request.method == "HEAD" else ["-X", request.method]


def _with_variables(request: Request, encoded: Mapping[str, str]) -> Request:
    """The request with variables where its address or its form has encoded ones."""
    path, body = request.path, request.body
    form = (header(request.headers, "content-type") or "").startswith(_FORM)
    for name, variable in encoded.items():
        path = path.replace(name, variable)
        body = body.replace(name.encode(), variable.encode()) if form else body
    return replace(request, path=path, body=body)


def _url_word(endpoint: str, path: str, known: Collection[str]) -> str:
    """The address, and before it what keeps curl from changing it."""
    options = []
    if set(path) & set("[]{}"):
        options.append("--globoff")
    if re.search(r"/\.\.?(?:/|$|\?)", path):
        options.append("--path-as-is")
    return " ".join([*options, quote(f"{endpoint}{path}", (*known, *_ENDPOINT))])


def _with_body(words: list[str], request: Request, known: Collection[str]) -> str:
    """The command with its body, which goes through a pipe where it can be no argument."""
    body = request.body
    if not _sends_body(request):
        return " ".join(words)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return f"printf {octal(body)} | {' '.join(words)} --data-binary @-"
    if len(body) > _LONGEST_ARGUMENT:
        return f"printf '%s' {quote(text, known)} | {' '.join(words)} --data-binary @-"
    # A body that begins with an at sign would be read from a file.
    option = "--data-raw" if text.startswith("@") else "--data-binary"
    return " ".join([*words, option, quote(text, known)])


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
        columns = stand_in(step.upload.columns, prerequisites)
        rows = quote(compact([dict(row) for row in step.upload.rows]))
        upload = f'curl -sS -X PUT {headers} --data-binary @- "{url}"'
        return f'python3 -c {quote(CSV_PROGRAM)} "{columns}" {rows} | {upload}'
    document = substitute(step.input, lambda symbol: stand_in(symbol, prerequisites))
    owner = contract.owner(step.operation)
    line = (
        f"aws {cli_service(owner.service.name)} {kebab(owner.name)} "
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


def _response_text(contract: OperationContract, response: Response) -> str:
    if response.fate != "answered":
        return f"({response.fate}: {response.detail})"
    lines = [f"HTTP/1.1 {response.status}", *_header_lines(redact_headers(response.headers))]
    root = contract.operation.output if 200 <= response.status < 300 else None
    return "\n".join([*lines, "", _body_text(contract.service_contract, root, response.body)])


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
