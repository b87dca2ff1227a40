# SPDX-License-Identifier: Apache-2.0
"""The table of miniatures: for every check at least one implementation that breaks its rule and no other.

It owns the rows, and the conforming servers that they are made from. It refuses to know how a run goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from aws_conformance.cases.compile import contract_of
from aws_conformance.engine.plan import Claim
from aws_conformance.http import Request, Response, header
from aws_conformance.reference import Reference, Settings
from aws_conformance.targets.server import Handler

from .changes import (
    Make,
    accepting,
    body,
    code,
    document,
    headers,
    job,
    member,
    read,
    refusal,
    refusing,
    reply,
    status,
)
from .stub import stub

__all__ = [
    "AGENT",
    "BASES",
    "BLOCK",
    "BUS",
    "INCIDENT",
    "JSON_MINIATURES",
    "ROLE",
    "SESSION",
    "Miniature",
]

AGENT = "healthlake:UpdateProfileWithAgent"
BUS = "eventbridgev2:DescribeEventBus"
INCIDENT = "ssm-incidents:DeleteIncidentRecord"
BLOCK = "ebs:GetSnapshotBlock"
SESSION = "lex-runtime:PutSession"
ROLE = "greengrassv2:AssociateServiceRoleToAccount"

# The SHA-256 of three bytes: 0, 1, 2.
_DIGEST = "rksygOVuL6+D9BSm49q+nV++GJdlRMBf7RIazLhbU/w="
_HEADER = "cognito-idp:GetCSVHeader"
_CREATE = "cognito-idp:CreateUserImportJob"
_DESCRIBE = "cognito-idp:DescribeUserImportJob"
_LIST = "cognito-idp:ListUserImportJobs"
_START = "cognito-idp:StartUserImportJob"
_POOL = "cognito-idp:DescribeUserPool"
_USER = "cognito-idp:AdminGetUser"
_KEY = "kms:GetPublicKey"
_VERIFY = "kms:Verify"
_STORE = "verifiedpermissions:GetPolicyStore"
_QUEUE = "sqs:GetQueueAttributes"
_ALIASES = "iam:ListAccountAliases"
_REGIONS = "ec2:DescribeRegions"


def _reference() -> Handler:
    return Reference(Settings(seed=7)).handle


# What stays conforming but for one change: the reference for its own operations, a stub for others, which
# have what the import family lacks (unions, blobs, maps with enumerated keys, ISO 8601 timestamps).
BASES: Mapping[str, Callable[[], Handler]] = MappingProxyType(
    {
        **dict.fromkeys((_HEADER, _CREATE, _DESCRIBE, _LIST, _START, _POOL, _USER), _reference),
        _KEY: lambda: stub(_KEY, {"KeyId": "key-1", "PublicKey": "AAECAw==", "KeySpec": "RSA_2048"}),
        _VERIFY: lambda: stub(
            _VERIFY,
            {"KeyId": "key-1", "SignatureValid": True, "SigningAlgorithm": "RSASSA_PSS_SHA_256"},
        ),
        _STORE: lambda: stub(
            _STORE,
            {
                "policyStoreId": "store-1",
                "arn": "arn:aws:verifiedpermissions::123456789012:policy-store/store-1",
                "validationSettings": {"mode": "STRICT"},
                "createdDate": "2026-01-02T03:04:05Z",
                "lastUpdatedDate": "2026-01-02T03:04:05Z",
                "encryptionState": {"default": {}},
            },
        ),
        _ALIASES: lambda: stub(
            _ALIASES,
            {"AccountAliases": ["first-alias", "other-alias"], "IsTruncated": False},
            invalid="ValidationError",
        ),
        _REGIONS: lambda: stub(
            _REGIONS,
            {"Regions": [{"RegionName": "us-east-1", "Endpoint": "ec2.us-east-1.amazonaws.com"}]},
        ),
        _QUEUE: lambda: stub(_QUEUE, {"Attributes": {"DelaySeconds": "0"}}),
        AGENT: lambda: stub(AGENT, {"AgentResponse": [{"TextMessageEvent": {"Message": "Hello"}}]}),
        BUS: lambda: stub(
            BUS, {"EventBusArn": "", "Name": "bus", "CreationTime": 1767323045}, "InvalidInputException"
        ),
        INCIDENT: lambda: stub(INCIDENT, {}),
        BLOCK: lambda: stub(BLOCK, {"DataLength": 3, "BlockData": "AAEC", "Checksum": _DIGEST}),
        ROLE: lambda: stub(ROLE, {"associatedAt": "2026-01-02T03:04:05Z"}),
        SESSION: lambda: stub(
            SESSION, {"contentType": "audio/mpeg", "slots": {"City": "Paris"}}, "BadRequestException"
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Miniature:
    """An implementation that breaks one rule.

    `breaks` is the check that catches it, `at` the place that the finding names, `rule` says in a
    sentence what is wrong with it. `make` gives the change of its answers, made anew for each server.
    `also` names checks below error severity that can't be met by the same answer; `timeout` is in
    seconds; `claims` is what it claims to do, and is held to.
    """

    name: str
    breaks: str
    at: str
    rule: str
    operation: str
    make: Make
    also: tuple[str, ...] = ()
    timeout: float = 60.0
    claims: tuple[Claim, ...] = ()

    def handler(self) -> Handler:
        """The implementation: right in all other operations, and in uploads."""
        right = BASES[self.operation]()
        change = self.make()
        service_name, _, own = self.operation.partition(":")
        contract = contract_of(service_name)
        home = contract.protocol.encode_request(contract.service, contract.operation(own), {}).path

        def handle(request: Request) -> Response:
            response = right(request)
            asked = contract.protocol.operation_named(contract.service, request)
            # An upload names no operation, and what names none is the operation's own where that is sent.
            is_own = asked == own or (asked not in contract.service.operations and request.path == home)
            return change(request, response) if is_own else response

        return handle


def _html(request: Request, response: Response) -> Response:
    page = b"<!DOCTYPE html><html><title>500 Internal Server Error</title></html>"
    return Response(500, (("Content-Type", "text/html"), _request_id(response)), page)


def _request_id(response: Response) -> tuple[str, str]:
    return ("x-amzn-RequestId", header(response.headers, "x-amzn-RequestId") or "-")


def _internal_error(request: Request, response: Response) -> Response:
    value = {"__type": "InternalErrorException", "message": "unhandled"}
    return Response(500, response.headers, json.dumps(value).encode())


def _dropped(request: Request, response: Response) -> Response:
    return Response(0, fate="dropped")


def _silent(request: Request, response: Response) -> Response:
    return Response(0, fate="timeout")


def _has(**members: Any) -> Callable[[Request, Response], bool]:
    """Whether a request's document has members of just these values (None: whatever there is)."""

    def look(request: Request, response: Response) -> bool:
        value = read(request)
        return isinstance(value, dict) and all(
            name in value and (expected is None or value[name] == expected)
            for name, expected in members.items()
        )

    return look


def _is_no_json(request: Request, response: Response) -> bool:
    return read(request) is None


def _has_more_than_json(request: Request) -> bool:
    """Whether a space was put behind the document after it had been signed."""
    return request.body.endswith(b" ")


def _refused_with(of: str, text: str = "") -> Callable[[Request, Response], bool]:
    def look(request: Request, response: Response) -> bool:
        value = read(response)
        refused = isinstance(value, dict) and value.get("__type") == of
        return refused and text in str(value.get("message"))

    return look


def _header_of_any_pool(request: Request, response: Response) -> Response:
    pool = read(request)["UserPoolId"]
    value = {"UserPoolId": pool, "CSVHeader": ["cognito:username", "cognito:mfa_enabled"]}
    return Response(200, response.headers, json.dumps(value).encode())


def _started(request: Request, response: Response) -> Response:
    """What StartUserImportJob answers to a job that may be started, whatever its state is."""
    asked = read(request)
    value = {"UserImportJob": {**asked, "JobName": "job", "Status": "Pending", "StartDate": 1736443020.081}}
    return Response(200, response.headers, json.dumps(value).encode())


def _large(request: Request, response: Response) -> Response:
    return Response(200, response.headers, response.body + b" " * 9_000_000)


def _without(name: str) -> Callable[[dict[str, Any]], None]:
    def edit(value: dict[str, Any]) -> None:
        del value[name]

    return edit


def _renamed(old: str, new: str) -> Callable[[dict[str, Any]], None]:
    def edit(value: dict[str, Any]) -> None:
        if old in value:
            value[new] = value.pop(old)

    return edit


def _constraint(tail: str, member: str = "jobName") -> dict[str, str]:
    text = f"1 validation error detected: Value at '{member}' failed to satisfy constraint: {tail}"
    return {"__type": "InvalidParameterException", "message": text}


def _echoing() -> Callable[[Request, Response], Response]:
    def change(request: Request, response: Response) -> Response:
        sent, shown = read(request), read(response)
        if response.status != 200 or not isinstance(sent, dict) or not isinstance(shown, dict):
            return response
        extra = {name: value for name, value in sent.items() if name == "NotAMember"}
        return Response(200, response.headers, json.dumps({**shown, **extra}).encode())

    return change


def _has_a_long_name(value: Any) -> bool:
    return isinstance(value.get("JobName"), str) and 100 < len(value["JobName"]) <= 128


def _asks_for_a_short_pool(request: Request, response: Response) -> bool:
    pool = (read(request) or {}).get("UserPoolId") if isinstance(read(request), dict) else None
    missing = b"ResourceNotFoundException" in response.body
    return missing and isinstance(pool, str) and len(pool) < 5


_UNKNOWN_MEMBER = {"__type": "SerializationException", "Message": "Unknown member NotAMember"}
_TYPE_ERROR = {"__type": "SerializationException", "Message": "Expected another JSON type"}

JSON_MINIATURES: tuple[Miniature, ...] = (
    # Refusals: their code, their envelope, their status.
    Miniature(
        "code-of-another-situation",
        "error.code.recorded",
        "$.__type",
        "An unknown pool is refused with InvalidParameterException, on record is ResourceNotFoundException.",
        _HEADER,
        code("ResourceNotFoundException", "InvalidParameterException"),
    ),
    Miniature(
        "code-of-the-framework",
        "error.code.recorded",
        "$.__type",
        "A job without file is refused with ValidationException, on record is PreconditionNotMetException.",
        _START,
        code("PreconditionNotMetException", "ValidationException", "No csv file"),
    ),
    Miniature(
        "code-of-another-form",
        "error.code.form",
        "$.__type",
        "A malformed id is refused with ValidationException, on record is InvalidParameterException.",
        _HEADER,
        code("InvalidParameterException", "ValidationException"),
    ),
    Miniature(
        "code-of-another-operation",
        "error.code.undeclared",
        "$.__type",
        "A malformed id is refused with an error that other operations declare and this one does not.",
        _HEADER,
        code("InvalidParameterException", "InvalidPasswordException"),
    ),
    Miniature(
        "code-of-no-one",
        "error.code.unknown",
        "$.__type",
        "A malformed id is refused with a code that neither the service nor AWS has.",
        _HEADER,
        code("InvalidParameterException", "PoolIdIsOddException"),
    ),
    Miniature(
        "message-in-capitals",
        "error.envelope.message",
        "$.message",
        "A modelled error's text stands under `Message`, its shape has `message`.",
        _HEADER,
        refusal("ResourceNotFoundException", _renamed("message", "Message")),
    ),
    Miniature(
        "message-missing",
        "error.envelope.message",
        "$.message",
        "A modelled error comes without its text.",
        _HEADER,
        refusal("ResourceNotFoundException", _without("message")),
    ),
    Miniature(
        "error-without-type",
        "error.envelope.type",
        "$.__type",
        "A refusal's body lacks `__type`, where clients of the json protocols read the code.",
        _HEADER,
        refusal("InvalidParameterException", _without("__type")),
    ),
    Miniature(
        "error-type-is-a-number",
        "error.envelope.type",
        "$.__type",
        "A refusal's `__type` is a number.",
        _HEADER,
        refusal("InvalidParameterException", lambda value: value.update({"__type": 400})),
    ),
    Miniature(
        "not-found-is-404",
        "response.status.error",
        "(status)",
        "ResourceNotFoundException travels with 404, its shape has no status of its own: 400.",
        _HEADER,
        status("ResourceNotFoundException", 404),
    ),
    Miniature(
        "redirected",
        "response.status.error",
        "(status)",
        "A constraint error travels with 302, which is neither success nor error.",
        _HEADER,
        status("InvalidParameterException", 302),
    ),
    Miniature(
        "created-is-201",
        "response.status.success",
        "(status)",
        "A created job is answered with 201, the model has no status but 200.",
        _CREATE,
        status("", 201),
    ),
    # Requests: what is taken, what is refused.
    Miniature(
        "any-pool-exists",
        "lifecycle.refusal",
        "(request)",
        "The header of a pool that does not exist is answered as if it did.",
        _HEADER,
        reply(_refused_with("ResourceNotFoundException"), _header_of_any_pool),
        also=("request.nonexistent.accepted",),
    ),
    Miniature(
        "starts-without-a-file",
        "lifecycle.refusal",
        "(request)",
        "A job starts although no CSV file was uploaded.",
        _START,
        reply(_refused_with("PreconditionNotMetException", "No csv file was uploaded"), _started),
    ),
    Miniature(
        "starts-a-job-that-is-none",
        "lifecycle.refusal.unrecorded",
        "(request)",
        "A job that does not exist is started as if it did.",
        _START,
        accepting("Import job .* does not exist"),
        also=("request.nonexistent.accepted", "response.member.changed"),
    ),
    Miniature(
        "number-for-text",
        "request.invalid.accepted",
        "(request /JobName: type)",
        "A number is taken as JobName.",
        _CREATE,
        accepting("NUMBER_VALUE can not be converted to a String"),
    ),
    Miniature(
        "object-for-text",
        "request.invalid.accepted",
        "(request /JobName: type)",
        "An object is taken as JobName.",
        _CREATE,
        accepting("Start of structure or map found where not expected"),
    ),
    Miniature(
        "text-for-number",
        "request.invalid.accepted",
        "(request /MaxResults: type)",
        "Text is taken as MaxResults.",
        _LIST,
        accepting("STRING_VALUE can not be converted to an Integer"),
    ),
    Miniature(
        "missing-member",
        "request.invalid.accepted",
        "(request /JobName: required)",
        "A job is created without the name that the model requires.",
        _CREATE,
        accepting("Member must not be null"),
    ),
    Miniature(
        "any-pattern",
        "request.invalid.accepted",
        "(request /JobName: pattern)",
        "A JobName may have characters that its pattern forbids.",
        _CREATE,
        accepting("at 'jobName' failed to satisfy constraint: Member must satisfy regular expression"),
    ),
    Miniature(
        "any-length",
        "request.invalid.accepted",
        "(request /JobName: maxLength)",
        "A JobName may be longer than its shape allows.",
        _CREATE,
        accepting("at 'jobName' failed to satisfy constraint: Member must have length"),
    ),
    Miniature(
        "any-number",
        "request.invalid.accepted",
        "(request /MaxResults: maximum)",
        "MaxResults may be above its maximum.",
        _LIST,
        accepting("Member must have value less than"),
    ),
    Miniature(
        "any-algorithm",
        "request.invalid.accepted",
        "(request /PasswordHashingAlgorithm: enum)",
        "A PasswordHashingAlgorithm may have a value that its enumeration lacks.",
        _CREATE,
        accepting("Member must satisfy enum value set"),
    ),
    Miniature(
        "any-body",
        "request.invalid.accepted",
        "(request)",
        "A body that is no JSON is taken for an empty one.",
        _HEADER,
        accepting("SerializationException", lambda request: read(request) is None),
    ),
    Miniature(
        "any-target",
        "request.invalid.accepted",
        "(request)",
        "A request whose X-Amz-Target names no operation is answered.",
        _HEADER,
        accepting("UnknownOperationException"),
    ),
    Miniature(
        "true-for-number",
        "request.invalid.tolerated",
        "(request /MaxResults: type)",
        "`true` is taken as MaxResults, which is an integer.",
        _LIST,
        accepting("TRUE_VALUE can not be converted to an Integer"),
    ),
    Miniature(
        "closed-input",
        "request.tolerance.refused",
        "(request /NotAMember: additionalProperties)",
        "A request with an unknown member is refused, AWS ignores such.",
        _HEADER,
        refusing(lambda value: "NotAMember" in value, _UNKNOWN_MEMBER),
    ),
    Miniature(
        "null-is-a-value",
        "request.tolerance.refused",
        "(request /PasswordHashingAlgorithm: type)",
        "null for an optional member is refused, AWS takes it for absence.",
        _CREATE,
        refusing(lambda value: value.get("PasswordHashingAlgorithm", "") is None, _TYPE_ERROR),
    ),
    Miniature(
        "decimal-is-refused",
        "request.tolerance.refused",
        "(request /MaxResults: type)",
        "A decimal for an integer is refused, AWS cuts it.",
        _LIST,
        refusing(lambda value: isinstance(value.get("MaxResults"), float), _TYPE_ERROR),
    ),
    Miniature(
        "short-names-only",
        "request.valid.unmodelled",
        "(request)",
        "A JobName of more than 64 characters is refused by a bound that the model does not have.",
        _CREATE,
        refusing(
            lambda value: isinstance(value.get("JobName"), str) and 64 < len(value["JobName"]) <= 128,
            _constraint("Member must have length less than or equal to 64"),
        ),
    ),
    Miniature(
        "long-names-refused",
        "request.valid.refused",
        "(request)",
        "A JobName of more than 64 characters is refused as longer than 128.",
        _CREATE,
        refusing(
            lambda value: isinstance(value.get("JobName"), str) and 64 < len(value["JobName"]) <= 128,
            _constraint("Member must have length less than or equal to 128"),
        ),
    ),
    Miniature(
        "one-page-size",
        "request.valid.refused",
        "(request)",
        "A MaxResults of 60 is refused as out of range, the model allows it.",
        _LIST,
        refusing(
            lambda value: value.get("MaxResults") == 60,
            _constraint("Member must have value less than or equal to 60", "maxResults"),
        ),
    ),
    # Bodies: bytes that a strict reader refuses.
    Miniature(
        "bottomless",
        "response.body.depth",
        "$",
        "An answer nests 100,000 arrays.",
        _HEADER,
        body(lambda content: content[:-1] + b',"Deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ),
    Miniature(
        "said-twice",
        "response.body.duplicate-key",
        "$.UserPoolId",
        "An answer has its UserPoolId twice.",
        _HEADER,
        body(lambda content: content[:-1] + b',"UserPoolId":"us-east-1_other"}'),
    ),
    Miniature(
        "flat-list",
        "response.xml.nesting",
        "$.AccountAliases",
        "Each alias is an element of the list's name, without the list around them.",
        _ALIASES,
        body(
            lambda content: (
                content.replace(b"<AccountAliases><member>", b"<AccountAliases>")
                .replace(b"</member></AccountAliases>", b"</AccountAliases>")
                .replace(b"</member><member>", b"</AccountAliases><AccountAliases>")
            )
        ),
    ),
    Miniature(
        "items-for-members",
        "response.xml.element",
        "$.AccountAliases",
        "The elements of a list are called item, as in another protocol.",
        _ALIASES,
        body(lambda content: content.replace(b"member>", b"item>")),
    ),
    Miniature(
        "no-result-wrapper",
        "response.xml.wrapper",
        "$",
        "The members stand in the response itself, without the result around them.",
        _ALIASES,
        body(lambda content: re.sub(rb"</?ListAccountAliasesResult>", b"", content)),
    ),
    Miniature(
        "other-namespace",
        "response.xml.namespace",
        "$",
        "The response is in the namespace of another service.",
        _ALIASES,
        body(lambda content: content.replace(b"//iam.", b"//sts.")),
    ),
    Miniature(
        "text-between-members",
        "response.xml.stray",
        "$",
        "A line of a log stands between the members.",
        _ALIASES,
        body(lambda content: content.replace(b"<IsTruncated>", b"done<IsTruncated>")),
    ),
    Miniature(
        "name-of-the-sdk",
        "response.member.place",
        "$.Regions",
        "A list is called as in the SDKs, and not as on the wire (regionInfo).",
        _REGIONS,
        body(lambda content: content.replace(b"regionInfo>", b"Regions>")),
    ),
    Miniature(
        "byte-order-mark",
        "response.body.encoding",
        "$",
        "An answer begins with a byte-order mark.",
        _HEADER,
        body(lambda content: b"\xef\xbb\xbf" + content),
    ),
    Miniature(
        "latin-1",
        "response.body.encoding",
        "$",
        "An answer is encoded as Latin-1.",
        _HEADER,
        body(lambda content: content[:-2] + ',"custom:Prénom"]}'.encode("latin-1")),
    ),
    Miniature(
        "cut-off",
        "response.body.malformed",
        "$",
        "An answer lacks its last character.",
        _HEADER,
        body(lambda content: content[:-1]),
    ),
    Miniature(
        "empty",
        "response.body.malformed",
        "$",
        "A success has an empty body, though the operation has an output.",
        _HEADER,
        body(lambda content: b""),
    ),
    Miniature(
        "python-literals",
        "response.body.malformed",
        "$",
        "An answer is written with single quotes, as a programming language prints it.",
        _HEADER,
        body(lambda content: content.replace(b'"', b"'")),
    ),
    Miniature(
        "not-a-number",
        "response.body.nonfinite",
        "$.UserImportJob.CreationDate",
        "A timestamp is NaN, which JSON does not have.",
        _DESCRIBE,
        job("CreationDate", float("nan")),
    ),
    Miniature(
        "infinite",
        "response.body.nonfinite",
        "$.UserImportJob.ImportedUsers",
        "A counter is Infinity, which JSON does not have.",
        _DESCRIBE,
        job("ImportedUsers", float("inf")),
    ),
    Miniature(
        "wrapped-in-a-list",
        "response.body.root",
        "$",
        "An answer is an array around the object.",
        _HEADER,
        body(lambda content: b"[" + content + b"]"),
    ),
    Miniature(
        "null",
        "response.body.root",
        "$",
        "An answer is null.",
        _HEADER,
        body(lambda content: b"null"),
    ),
    Miniature(
        "endless",
        "response.body.size",
        "(body)",
        "An answer has nine megabytes.",
        _LIST,
        reply(_has(MaxResults=60), _large),
    ),
    # Documents: types, members, values.
    Miniature(
        "counter-as-text",
        "response.body.type",
        "$.UserImportJob.ImportedUsers",
        "A counter is sent as text.",
        _DESCRIBE,
        job("ImportedUsers", "0"),
    ),
    Miniature(
        "counter-with-a-fraction",
        "response.body.type",
        "$.UserImportJob.ImportedUsers",
        "A counter has a fraction.",
        _DESCRIBE,
        job("ImportedUsers", 0.5),
    ),
    Miniature(
        "name-as-a-number",
        "response.body.type",
        "$.UserImportJob.JobName",
        "A name is sent as a number.",
        _DESCRIBE,
        job("JobName", 7),
    ),
    Miniature(
        "list-as-text",
        "response.body.type",
        "$.CSVHeader",
        "A list is sent as text with commas.",
        _HEADER,
        document(lambda value: value.update(CSVHeader=",".join(value["CSVHeader"]))),
    ),
    Miniature(
        "flag-as-text",
        "response.body.type",
        "$.Enabled",
        "A boolean is sent as text.",
        _USER,
        member("Enabled", "true"),
    ),
    Miniature(
        "timestamp-as-text",
        "response.timestamp.form",
        "$.UserImportJob.CreationDate",
        "A timestamp is sent as ISO 8601 text, the protocol has epoch seconds.",
        _DESCRIBE,
        job("CreationDate", "2026-11-23T10:00:00Z"),
    ),
    Miniature(
        "timestamp-as-seconds-in-text",
        "response.timestamp.form",
        "$.UserImportJob.CreationDate",
        "A timestamp's epoch seconds are sent as text.",
        _DESCRIBE,
        job("CreationDate", "1736443020.081"),
    ),
    Miniature(
        "timestamp-as-number",
        "response.timestamp.form",
        "$.createdDate",
        "A timestamp whose shape asks for ISO 8601 is sent as epoch seconds.",
        _STORE,
        member("createdDate", 1736443020),
    ),
    Miniature(
        "no-such-day",
        "response.timestamp.form",
        "$.createdDate",
        "A timestamp names the thirtieth of February.",
        _STORE,
        member("createdDate", "2026-02-30T03:04:05Z"),
    ),
    Miniature(
        "whole-number-as-decimal",
        "response.integer.form",
        "$.UserImportJob.ImportedUsers",
        "A counter is written as 0.0.",
        _DESCRIBE,
        job("ImportedUsers", 0.0),
    ),
    Miniature(
        "wider-than-a-long",
        "response.integer.range",
        "$.UserImportJob.ImportedUsers",
        "A counter of 64 bits is 2 to the power of 63.",
        _DESCRIBE,
        job("ImportedUsers", 2**63),
    ),
    Miniature(
        "wider-than-an-integer",
        "response.integer.range",
        "$.UserPool.EstimatedNumberOfUsers",
        "A counter of 32 bits is 2 to the power of 31.",
        _POOL,
        member("UserPool.EstimatedNumberOfUsers", 2**31),
    ),
    Miniature(
        "no-algorithm",
        "response.member.absent",
        "$.SigningAlgorithm",
        "A verified signature comes without its algorithm, which AWS has sent each time.",
        _VERIFY,
        document(lambda value: value.pop("SigningAlgorithm", None)),
    ),
    Miniature(
        "blob-as-text",
        "response.blob.base64",
        "$.PublicKey",
        "A blob is sent as plain text.",
        _KEY,
        member("PublicKey", "-----BEGIN PUBLIC KEY-----"),
    ),
    Miniature(
        "blob-without-padding",
        "response.blob.base64",
        "$.PublicKey",
        "A blob's base64 lacks its padding.",
        _KEY,
        member("PublicKey", "AAECAw"),
    ),
    Miniature(
        "union-of-two",
        "response.union.members",
        "$.encryptionState",
        "A union has two members.",
        _STORE,
        member("encryptionState.kmsEncryptionState", {"key": "key-1", "encryptionContext": {}}),
    ),
    Miniature(
        "union-of-none",
        "response.union.members",
        "$.encryptionState",
        "A union has no member.",
        _STORE,
        member("encryptionState", {}),
    ),
    Miniature(
        "unlisted-key",
        "response.map.key",
        "$.Attributes",
        "A map whose keys are an enumeration has another one.",
        _QUEUE,
        member("Attributes.Colour", "green"),
    ),
    Miniature(
        "unlisted-status",
        "response.enum.value",
        "$.UserImportJob.Status",
        "A job's status is none of the documented ones.",
        _DESCRIBE,
        job("Status", "Running"),
    ),
    Miniature(
        "status-in-capitals",
        "response.enum.value",
        "$.UserImportJob.Status",
        "A job's status is spelled in capitals.",
        _DESCRIBE,
        job("Status", "CREATED"),
    ),
    Miniature(
        "user-without-name",
        "response.member.required",
        "$.Username",
        "A user comes without the Username that the model requires.",
        _USER,
        document(_without("Username")),
    ),
    Miniature(
        "talkative",
        "response.member.unknown",
        "$.UserImportJob.Progress",
        "A job has a member that the model lacks.",
        _DESCRIBE,
        job("Progress", 12),
    ),
    Miniature(
        "another-pool",
        "response.member.changed",
        "$.UserPoolId",
        "The header is said to be of another pool than the one that was asked for.",
        _HEADER,
        member("UserPoolId", "us-east-1_AAAAAAAAA"),
    ),
    Miniature(
        "echo-of-what-nobody-knows",
        "response.member.echo",
        "$.NotAMember",
        "A member that the model lacks is repeated as it was sent.",
        _HEADER,
        _echoing,
    ),
    Miniature(
        "a-pool-that-nobody-has",
        "request.nonexistent.accepted",
        "(request /UserPoolId)",
        "The shortest pool id that the model allows has a header.",
        _HEADER,
        reply(_asks_for_a_short_pool, _header_of_any_pool),
    ),
    Miniature(
        "envelope",
        "response.document.foreign",
        "$",
        "A success is wrapped as another protocol wraps it.",
        _HEADER,
        body(lambda content: b'{"Output":' + content + b',"Version":"1.0"}'),
        also=("response.member.required",),
    ),
    Miniature(
        "nothing-to-describe",
        "response.document.hollow",
        "$.UserImportJob",
        "A job is described by nothing at all.",
        _DESCRIBE,
        body(lambda content: b"{}"),
    ),
    Miniature(
        "error-under-200",
        "response.success.error",
        "$.__type",
        "A success is an error of the service.",
        _HEADER,
        body(lambda content: b'{"__type":"InternalErrorException","message":"no"}'),
        also=("response.member.required",),
    ),
    Miniature(
        "milliseconds",
        "response.timestamp.range",
        "$.UserImportJob.CreationDate",
        "A date is in milliseconds.",
        _DESCRIBE,
        job("CreationDate", 1763892000123),
    ),
    Miniature(
        "code-in-two-places",
        "error.code.contradiction",
        "$.__type",
        "The header names another error than the body.",
        _HEADER,
        headers(lambda name, value: "ThrottlingException:" if name.lower() == "x-amzn-errortype" else value),
    ),
    Miniature(
        "small-requests-only",
        "server.request-size",
        "(request)",
        "A documented request of more than a hundred bytes is answered with 413.",
        _CREATE,
        refusing(
            lambda value: isinstance(value.get("JobName"), str) and len(value["JobName"]) > 100, {}, 413
        ),
    ),
    Miniature(
        "no-such-feature",
        "server.unsupported",
        "(request)",
        "An optional member is answered with 500 and the word that it is not supported.",
        _CREATE,
        refusing(
            lambda value: "PasswordHashingAlgorithm" in value,
            {"__type": "InternalErrorException", "message": "PasswordHashingAlgorithm is not supported"},
            500,
        ),
    ),
    Miniature(
        "lower-camel",
        "response.member.case",
        "$.userPoolId",
        "A member's name begins with a small letter.",
        _HEADER,
        document(_renamed("UserPoolId", "userPoolId")),
    ),
    Miniature(
        "hole-in-a-list",
        "response.null.element",
        "$.CSVHeader[*]",
        "A list that is not sparse holds null.",
        _HEADER,
        member("CSVHeader.-", None),
    ),
    Miniature(
        "hole-in-a-list-of-jobs",
        "response.null.element",
        "$.UserImportJobs[*]",
        "A list of jobs holds null.",
        _LIST,
        member("UserImportJobs.-", None),
    ),
    Miniature(
        "null-for-absence",
        "response.null.member",
        "$.UserImportJob.PreSignedUrl",
        "A member without value is sent as null.",
        _DESCRIBE,
        job("PreSignedUrl", None),
    ),
    Miniature(
        "long-name",
        "response.constraint.length",
        "$.UserImportJob.JobName",
        "A job's name has 129 characters, documented are 128.",
        _DESCRIBE,
        job("JobName", "n" * 129),
    ),
    Miniature(
        "odd-id",
        "response.constraint.pattern",
        "$.UserImportJob.JobId",
        "A job's id does not begin with `import-`.",
        _DESCRIBE,
        job("JobId", "job-0123456789"),
        also=("response.member.changed",),
    ),
    Miniature(
        "short-passwords",
        "response.constraint.range",
        "$.UserPool.Policies.PasswordPolicy.MinimumLength",
        "A pool's passwords may have five characters, documented are six and more.",
        _POOL,
        member("UserPool.Policies.PasswordPolicy.MinimumLength", 5),
    ),
    # Headers, and the connection itself.
    Miniature(
        "plain-json",
        "response.content-type",
        "$",
        "Answers are labelled application/json.",
        _HEADER,
        headers(lambda name, value: "application/json" if name == "Content-Type" else value),
    ),
    Miniature(
        "unlabelled",
        "response.content-type",
        "$",
        "Answers have no Content-Type.",
        _HEADER,
        headers(lambda name, value: None if name == "Content-Type" else value),
    ),
    Miniature(
        "untraceable",
        "response.request-id",
        "(headers)",
        "Answers have no request id.",
        _HEADER,
        headers(lambda name, value: None if name == "x-amzn-RequestId" else value),
    ),
    Miniature(
        "page-for-malformed-json",
        "server.crash",
        "(request)",
        "A body that is no JSON is answered with 500 and a web page.",
        _HEADER,
        reply(_is_no_json, _html),
    ),
    Miniature(
        "breaks-at-unknown-members",
        "server.crash",
        "(request /NotAMember: additionalProperties)",
        "A request with an unknown member is answered with 500 InternalErrorException.",
        _HEADER,
        reply(_has(NotAMember=None), _internal_error),
    ),
    Miniature(
        "hangs-up",
        "server.crash",
        "(request)",
        "The connection is closed at a body that is no JSON.",
        _HEADER,
        reply(_is_no_json, _dropped),
    ),
    Miniature(
        "falls-silent",
        "server.timeout",
        "(request)",
        "A body that is no JSON is never answered.",
        _HEADER,
        reply(_is_no_json, _silent),
        timeout=2.0,
    ),
    # Signatures, where a target claims to verify them. Each is right about all other forgeries.
    Miniature(
        "open-to-anyone",
        "signature.unsigned",
        "(request)",
        "A request without a signature is accepted.",
        _HEADER,
        accepting("Missing Authentication Token"),
        claims=("sigv4",),
    ),
    Miniature(
        "any-key",
        "signature.unknown-key",
        "(request)",
        "A request that is signed with an access key that nobody has is accepted.",
        _HEADER,
        accepting("security token included in the request is invalid"),
        claims=("sigv4",),
    ),
    Miniature(
        "any-secret",
        "signature.wrong-secret",
        "(request)",
        "A request that is signed with another secret than its key's is accepted.",
        _HEADER,
        accepting("signature we calculated does not match", lambda request: not _has_more_than_json(request)),
        claims=("sigv4",),
    ),
    Miniature(
        "any-region",
        "signature.wrong-region",
        "(request)",
        "A request that is signed for another region is accepted.",
        _HEADER,
        accepting("scoped to a valid region"),
        claims=("sigv4",),
    ),
    Miniature(
        "any-signed-body",
        "signature.tampered-body",
        "(request)",
        "A request whose body is not the one that was signed is accepted.",
        _HEADER,
        accepting("signature we calculated does not match", _has_more_than_json),
        claims=("sigv4",),
    ),
    Miniature(
        "any-date",
        "signature.expired-date",
        "(request)",
        "A request that was signed an hour ago is accepted.",
        _HEADER,
        accepting("Signature expired"),
        claims=("sigv4",),
    ),
    Miniature(
        "signature-code-of-another-situation",
        "signature.code",
        "$.__type",
        "A signature for another region is refused as if the caller had no permission.",
        _HEADER,
        code("InvalidSignatureException", "AccessDeniedException", "valid region"),
        claims=("sigv4",),
    ),
    Miniature(
        "forbidden",
        "signature.status",
        "(status)",
        "A request without a signature is refused with 403, recorded is 400.",
        _HEADER,
        status("MissingAuthenticationTokenException", 403),
        claims=("sigv4",),
    ),
)
