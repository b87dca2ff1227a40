# SPDX-License-Identifier: Apache-2.0
"""What checks say of single answers: where, what was expected, what there was, and the cause."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.expectations import Expectation
from aws_conformance.checks import CATALOGUE
from aws_conformance.checks.check import (
    ANSWER,
    BYTES,
    CASE_ERROR,
    CASE_SUCCESS,
    DOCUMENT,
    ERROR,
    EXCHANGE,
    FORGED,
    FRAMING,
    SUCCESS,
    Breach,
)
from aws_conformance.checks.response import interpret
from aws_conformance.checks.validate import validate_exchange, validate_instance
from aws_conformance.http import Fate, Response
from aws_conformance.results.terms import Provenance

OPERATION = "DescribeUserImportJob"
ID = ("x-amzn-RequestId", "1")
HEADERS = (("Content-Type", "application/x-amz-json-1.1"), ID)
OF_LENGTH = "Value at 'jobId' failed to satisfy constraint: Member must have length less than or equal to 7"
OF_RULE = "Value at 'jobId' failed to satisfy constraint: Argument is in use"
BROKEN = Expectation("refused", "recorded", pointer="/JobId", keyword="pattern")


def success(document: Any, *headers: tuple[str, str], status: int = 200) -> Response:
    return Response(status, headers or HEADERS, json.dumps(document).encode())


def error(code: str, message: str = "no", status: int = 400) -> Response:
    return Response(status, HEADERS, json.dumps({"__type": code, "message": message}).encode())


def unanswered(fate: Fate, detail: str = "") -> Response:
    return Response(0, (), b"", fate=fate, detail=detail)


ROWS: list[tuple[str, Response, Expectation | None, list[Breach]]] = [
    (
        "server.unsupported",
        error("InternalErrorException", "This flow is not supported", 500),
        None,
        [Breach(("(request)",), "an answer", "500 InternalErrorException: This flow is not supported")],
    ),
    (
        "server.unsupported",
        error("NotImplemented", "x" * 300, 501),
        None,
        [Breach(("(request)",), "an answer", f"501 NotImplemented: {'x' * 180}")],
    ),
    ("server.unsupported", error("InternalErrorException", "boom", 500), None, []),
    (
        "server.unsupported",
        error("KMSInternalException", "Sign requires the cryptography package.", 500),
        None,
        [
            Breach(
                ("(request)",),
                "an answer",
                "500 KMSInternalException: Sign requires the cryptography package.",
            )
        ],
    ),
    # A front end that refuses a large body is told by a check of its own.
    ("response.body.malformed", Response(413, HEADERS, b"<html>too large"), None, []),
    (
        # Stored from an earlier request: this one did not have it.
        "response.member.echo",
        success({"UserImportJob": {"NotAMember": "unknown"}}),
        None,
        [
            Breach(
                ("UserImportJob", "NotAMember"),
                "only modelled members",
                'what was sent: NotAMember: "unknown"',
            )
        ],
    ),
    ("response.member.unknown", success({"UserImportJob": {"NotAMember": "unknown"}}), None, []),
    (
        "server.crash",
        Response(500, HEADERS, b"<html>boom"),
        BROKEN,
        [
            Breach(
                ("(request /JobId: pattern)",),
                "an answer of the protocol",
                '500, a web page: "<html>boom"',
                "pattern",
            )
        ],
    ),
    (
        "server.timeout",
        unanswered("timeout"),
        None,
        [Breach(("(request)",), "a response", "none in time")],
    ),
    (
        "request.valid.refused",
        error("ResourceNotFoundException", "no" * 150),
        Expectation("accepted", accepted_before=True),
        [
            Breach(
                ("(request)",),
                "success, as the same request had in the same state",
                f"ResourceNotFoundException: {'no' * 150}"[:200],
                "accepted before",
            )
        ],
    ),
    (
        "request.valid.unmodelled",
        error("InvalidParameterException", f"{OF_LENGTH}; {'x' * 300}"),
        Expectation("accepted"),
        [
            Breach(
                ("(request)",),
                "only constraints that the model has",
                f"InvalidParameterException: {OF_LENGTH}; {'x' * 300}"[:200],
                "less than or equal to 7",
            )
        ],
    ),
    (
        # The model has this bound, of this member.
        "request.valid.unmodelled",
        error("InvalidParameterException", OF_LENGTH.replace("equal to 7", "equal to 55")),
        Expectation("accepted"),
        [],
    ),
    (
        # 131 bounds another member: that one has it is no excuse for this one.
        "request.valid.unmodelled",
        error("InvalidParameterException", OF_LENGTH.replace("equal to 7", "equal to 131")),
        Expectation("accepted"),
        [
            Breach(
                ("(request)",),
                "only constraints that the model has",
                f"InvalidParameterException: {OF_LENGTH.replace('equal to 7', 'equal to 131')}",
                "less than or equal to 131",
            )
        ],
    ),
    (
        # A rule of the service's own, in the words in which constraints are cited.
        "request.valid.unmodelled",
        error("InvalidParameterException", f"1 validation error detected: {OF_RULE}"),
        Expectation("accepted"),
        [
            Breach(
                ("(request)",),
                "only constraints that the model has",
                f"InvalidParameterException: 1 validation error detected: {OF_RULE}",
                "Argument is in use",
            )
        ],
    ),
    ("request.valid.refused", error("InvalidParameterException", OF_RULE), Expectation("accepted"), []),
    (
        # What is behind the colon tells whether the form is meant: here it is not.
        "request.valid.refused",
        error("ValidationException", "1 validation error detected: the pool has no domain"),
        Expectation("accepted"),
        [],
    ),
    (
        "request.valid.unmodelled",
        error("ValidationException", "1 validation error detected: the pool has no domain"),
        Expectation("accepted"),
        [],
    ),
    (
        # Cited without its words: the member, which has constraints, is all there is to look up.
        "request.valid.refused",
        error("InvalidParameterException", OF_RULE.partition(":")[0]),
        Expectation("accepted"),
        [
            Breach(
                ("(request)",),
                "the valid request to be read",
                f"InvalidParameterException: {OF_RULE.partition(':')[0]}",
                "InvalidParameterException",
            )
        ],
    ),
    (
        "request.invalid.accepted",
        success({}),
        BROKEN,
        [Breach(("(request /JobId: pattern)",), "a refusal (recorded)", "status 200", "pattern")],
    ),
    (
        "request.invalid.tolerated",
        success({}),
        Expectation("unknown", pointer="/JobId", keyword="pattern"),
        [Breach(("(request /JobId: pattern)",), "a refusal, as the model says", "status 200", "pattern")],
    ),
    (
        "request.tolerance.refused",
        error("SerializationException", "no"),
        Expectation("tolerated", "recorded", pointer="/JobId", keyword="type"),
        [Breach(("(request /JobId: type)",), "acceptance (recorded)", "SerializationException: no", "type")],
    ),
    (
        "error.code.recorded",
        error("InvalidParameterException"),
        Expectation("refused", codes=("ResourceNotFoundException",)),
        [
            Breach(
                ("__type",),
                "ResourceNotFoundException",
                "InvalidParameterException",
                "InvalidParameterException",
                provenance="MODEL",
            )
        ],
    ),
    (
        "error.code.recorded",
        error("ResourceNotFoundException"),
        Expectation("refused", codes=("ResourceNotFoundException",)),
        [],
    ),
    (
        "error.envelope.type",
        success({"message": "no"}, *HEADERS, ("x-amzn-ErrorType", "ResourceNotFoundException"), status=400),
        None,
        [Breach(("__type",), "the error's code", "no __type; the code is in x-amzn-errortype")],
    ),
    (
        "error.envelope.type",
        error(" ResourceNotFoundException"),
        None,
        [Breach(("__type",), "the error's code without blanks around it", "' ResourceNotFoundException'")],
    ),
    (
        "signature.status",
        error("ExpiredTokenException"),
        Expectation("refused", codes=("ExpiredTokenException",), status=403, forgery="expired-date"),
        [Breach(("(status)",), "403 with ExpiredTokenException", "400")],
    ),
    (
        "signature.code",
        error("ResourceNotFoundException"),
        Expectation("refused", codes=("InvalidSignatureException",), forgery="expired-date"),
        [
            Breach(
                ("__type",),
                "InvalidSignatureException",
                "ResourceNotFoundException to a request that is expired-date",
                "expired-date ResourceNotFoundException",
            )
        ],
    ),
    ("response.status.success", success({}, status=201), None, [Breach(("(status)",), "200", "201")]),
    (
        "response.request-id",
        success({}, HEADERS[0]),
        None,
        [Breach(("(headers)",), "a header x-amzn-RequestId", "none")],
    ),
    *(
        ("response.request-id", success({}, HEADERS[0], (name, "1")), None, [])
        for name in ("x-amzn-requestid", "x-amz-request-id", "x-amz-requestid")
    ),
    ("response.request-id", unanswered("gone"), None, []),
    (
        "response.body.type",
        success({"UserImportJob": {"SkippedUsers": True, "JobId": 5, "CompletionMessage": []}}),
        None,
        [
            Breach(("UserImportJob", "CompletionMessage"), "a string", "[]"),
            Breach(("UserImportJob", "JobId"), "a string", "5"),
            Breach(("UserImportJob", "SkippedUsers"), "a whole number", "true"),
        ],
    ),
    (
        "response.body.type",
        success({"UserImportJob": 1}),
        None,
        [Breach(("UserImportJob",), "an object", "1")],
    ),
    (
        "response.timestamp.form",
        success({"UserImportJob": {"CreationDate": "2026-11-23T10:00:00Z"}}),
        None,
        [Breach(("UserImportJob", "CreationDate"), "a number (epoch seconds)", '"2026-11-23T10:00:00Z"')],
    ),
    (
        "response.timestamp.range",
        success({"UserImportJob": {"CreationDate": 1_700_000_000_000}}),
        None,
        [Breach(("UserImportJob", "CreationDate"), "a date within the years 1 to 9999", "1700000000000")],
    ),
    ("response.timestamp.range", success({"UserImportJob": {"CreationDate": True}}), None, []),
    ("response.timestamp.range", success([]), None, []),
    (
        "response.member.unknown",
        success({"Zzz": 1, "UserImportJob": {}}),
        None,
        [Breach(("Zzz",), "only modelled members", "Zzz: 1")],
    ),
    # Smithy lets a service name the type of any structure.
    ("response.member.unknown", success({"__type": "x", "UserImportJob": {}}), None, []),
    ("response.member.unknown", success({"UserImportJob": {"__type": "x"}}), None, []),
    (
        "response.body.duplicate-key",
        Response(200, HEADERS, b'{"UserImportJob": {}, "UserImportJob": {}}'),
        None,
        [Breach(("UserImportJob",), "each key once", "'UserImportJob' more than once")],
    ),
]


@pytest.mark.parametrize(
    ("check", "response", "expectation", "breaches"),
    ROWS,
    ids=[f"{number} {row[0]}" for number, row in enumerate(ROWS)],
)
def test_what_a_check_says(
    check: str, response: Response, expectation: Expectation | None, breaches: list[Breach]
) -> None:
    contract = contract_of("cognito-idp")
    operation = contract.operation(OPERATION)
    validators = contract.validators(OPERATION)
    answer = interpret(contract.service, operation, contract.protocol, validators, response, expectation)
    assert list(CATALOGUE[check].run(answer)) == breaches


OF_DOCUMENTS = {
    "response.blob.base64",
    "response.body.type",
    "response.constraint.length",
    "response.constraint.pattern",
    "response.constraint.range",
    "response.document.foreign",
    "response.enum.value",
    "response.integer.form",
    "response.integer.range",
    "response.map.key",
    "response.member.case",
    "response.member.echo",
    "response.member.required",
    "response.member.unknown",
    "response.null.element",
    "response.null.member",
    "response.timestamp.form",
    "response.union.members",
}
OF_BYTES = {
    "response.body.depth",
    "response.body.duplicate-key",
    "response.body.encoding",
    "response.body.malformed",
    "response.body.nonfinite",
    "response.body.root",
    "response.body.unexpected",
    "response.cbor.minimal",
    "response.cbor.type",
    "response.content-type",
    "response.event.error",
    "response.event.frame",
    "response.event.header",
    "response.header.duplicate",
    "response.header.form",
    "response.header.protocol",
    "response.member.place",
    "response.xml.element",
    "response.xml.namespace",
    "response.xml.nesting",
    "response.xml.stray",
    "response.xml.wrapper",
}


def test_an_instance_without_a_status_is_judged_as_of_the_modelled_one() -> None:
    assert validate_instance("cognito-idp", OPERATION, {"UserImportJob": {}}) == []
    wrong = validate_instance("cognito-idp", OPERATION, {"UserImportJob": {}}, status=201)
    assert [(violation.check, violation.expected) for violation in wrong] == [
        ("response.status.success", "200")
    ]


def test_every_check_says_what_it_requires_who_says_so_and_what_it_looks_at() -> None:
    known = frozenset[str]().union(ANSWER, BYTES, DOCUMENT, ERROR, FORGED, FRAMING, SUCCESS)
    known |= CASE_ERROR | CASE_SUCCESS | EXCHANGE
    for check in CATALOGUE.values():
        assert check.requirement.endswith("."), check.id
        assert check.citation, check.id
        assert check.provenance in get_args(Provenance), check.id
        assert check.scope in ("operation", "target"), check.id
        assert len(check.about) == 1, check.id
        assert check.about <= known, check.id
    # What is odd in a document came with the request, if that should have been refused; bytes did not.
    table = dict.fromkeys(OF_DOCUMENTS, DOCUMENT) | dict.fromkeys(OF_BYTES, BYTES)
    assert {name: CATALOGUE[name].about for name in table} == table


@pytest.mark.parametrize(
    ("operation", "document", "path", "expected"),
    [
        ("AdminGetUser", {"Username": "a", "Enabled": "yes"}, "$.Enabled", "true or false"),
        ("AdminGetUser", {"Username": "a", "UserAttributes": {}}, "$.UserAttributes", "an array"),
        ("AdminInitiateAuth", {"ChallengeParameters": []}, "$.ChallengeParameters", "an object"),
        ("AdminInitiateAuth", {"ChallengeName": 1}, "$.ChallengeName", "a string"),
        ("CreateUserPoolDomain", {"ManagedLoginVersion": "1"}, "$.ManagedLoginVersion", "a whole number"),
    ],
)
def test_types_are_called_by_their_words(
    operation: str, document: dict[str, Any], path: str, expected: str
) -> None:
    violations = validate_instance("cognito-idp", operation, document)
    assert [(item.check, item.path, item.expected) for item in violations] == [
        ("response.body.type", path, expected)
    ]


def test_what_is_required_further_down_is_none_at_the_root() -> None:
    """A list that may be left out, though the same list is required within an index."""
    contract = contract_of("dynamodb")
    operation = contract.operation("CreateTable")
    text = "Value null at '%s' failed to satisfy constraint: Member must not be null"
    accepted = Expectation("accepted")

    def breached(check: str, member: str) -> bool:
        response = error("ValidationException", text % member)
        answer = interpret(
            contract.service,
            operation,
            contract.protocol,
            contract.validators(operation.name),
            response,
            accepted,
        )
        return any(CATALOGUE[check].run(answer))

    assert breached("request.valid.unmodelled", "keySchema")
    assert not breached("request.valid.refused", "keySchema")
    assert breached("request.valid.refused", "tableName")
    assert breached("request.valid.refused", "localSecondaryIndexes.1.member.keySchema")


@pytest.mark.parametrize(
    ("service", "operation", "status", "well_formed"),
    [
        ("s3", "PutBucketPolicy", 200, b"<a/>"),
        ("cloudfront", "AssociateAlias", 200, b"<a/>"),
        ("iot", "AttachPolicy", 200, b"{}"),
        ("efs", "CreateTags", 204, b""),
    ],
)
def test_what_an_operation_without_an_output_answers_is_in_its_protocols_form(
    service: str, operation: str, status: int, well_formed: bytes
) -> None:
    """No document is asked for; text that is none of the protocol reaches a client's reader all the same."""
    headers = (("x-amz-request-id", "1"), ("x-amzn-RequestId", "1"))

    def errors(body: bytes) -> set[str]:
        violations = validate_exchange(service, operation, Response(status, headers, body))
        return {violation.check for violation in violations if violation.severity == "error"}

    assert errors(b"") == errors(well_formed) == set()
    malformed = "response.body.unexpected" if status == 204 else "response.body.malformed"
    assert errors(b"True") == {malformed}
    assert errors(b"\n") == ({malformed} if status == 204 else set())
