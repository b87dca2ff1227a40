# SPDX-License-Identifier: Apache-2.0
"""The meta-schema of the `x-aws-*` keywords: what each may hold and what it means.

It owns the vocabulary's published form, from which a schema's keywords can be checked for typing errors
in both senses of the word, and the names of an operation's sides. It refuses to know how schemas are
written (write.py) and what reads them.

Two documents: the vocabulary alone, and the dialect, which is draft 2020-12 with the vocabulary. Schemas
name draft 2020-12 as theirs, so that any tool reads them; who knows the dialect reads them better.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

__all__ = ["DIALECT_ID", "SIDES", "VOCABULARY_ID", "Side", "meta_schema", "vocabulary_schema"]

VOCABULARY_ID = "urn:aws-conformance:meta:x-aws"
DIALECT_ID = "urn:aws-conformance:meta:dialect"

_DRAFT = "https://json-schema.org/draft/2020-12"
_DRAFT_VOCABULARIES = (
    "core",
    "applicator",
    "unevaluated",
    "validation",
    "meta-data",
    "format-annotation",
    "content",
)
# Constraints that are annotations where they stand below `x-aws-advisory`.
_CONSTRAINTS = (
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "pattern",
    "x-aws-max-bytes",
    "x-aws-min-bytes",
)
_FLAG: dict[str, Any] = {"const": True}
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_SIZE: dict[str, Any] = {"type": "integer", "minimum": 0}

_KEYWORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "x-aws-advisory": (
        (
            "Constraints that the model documents for a value that the service sends. They are recorded and "
            "do not assert, because real answers break them; a tool may report what they would have found."
        ),
        {
            "allOf": [{"$dynamicRef": "#meta"}],
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"enum": list(_CONSTRAINTS)},
        },
    ),
    "x-aws-api-version": ("The version of the service's API, as the model gives it: a date.", _TEXT),
    "x-aws-context-param": (
        "The parameter of the service's endpoint rules that takes this member's value.",
        _TEXT,
    ),
    "x-aws-deprecated-since": ("Since when a deprecated thing is deprecated, in the model's words.", _TEXT),
    "x-aws-document": ("Any JSON value may stand here: Smithy's document type.", _FLAG),
    "x-aws-error": (
        (
            "How an exception travels: the code by which clients know it, the HTTP status, and whether the "
            "service rather than the caller is at fault."
        ),
        {
            "type": "object",
            "properties": {
                "code": _TEXT,
                "fault": {"type": "boolean"},
                "httpStatusCode": {"type": "integer", "minimum": 300, "maximum": 599},
            },
            "required": ["code", "httpStatusCode", "fault"],
            "additionalProperties": False,
        },
    ),
    "x-aws-event-stream": (
        "The value is a stream of events, in order: each an object with one member, named after its kind.",
        _FLAG,
    ),
    "x-aws-host-label": ("The value becomes a part of the host name.", _FLAG),
    "x-aws-http-status": (
        "The status of a successful answer.",
        {"type": "integer", "minimum": 200, "maximum": 399},
    ),
    "x-aws-idempotency-token": ("Clients make up a value where the caller gives none.", _FLAG),
    "x-aws-json-value": ("The value is JSON that travels as base64 in a header.", _FLAG),
    "x-aws-location": (
        "The part of the HTTP message that holds the member; without it, the body does.",
        {"enum": ["header", "headers", "querystring", "statusCode", "uri"]},
    ),
    # The empty prefix is one: every header is then a member's.
    "x-aws-location-name": ("The member's name, or prefix of names, at its location.", {"type": "string"}),
    "x-aws-max-bytes": ("The largest number of bytes, counted before base64.", _SIZE),
    "x-aws-min-bytes": ("The smallest number of bytes, counted before base64.", _SIZE),
    "x-aws-modelled": (
        "Which of an integer's bounds the model states; the others are the width of its type.",
        {
            "type": "array",
            "items": {"enum": ["minimum", "maximum"]},
            "minItems": 1,
            "uniqueItems": True,
        },
    ),
    "x-aws-operation": ("The operation that the schema is about.", _TEXT),
    "x-aws-pattern": (
        "The documented pattern in its own dialect, of which `pattern`, if present, is the translation.",
        {"type": "string"},
    ),
    "x-aws-pattern-refused": (
        "Why the documented pattern has no translation that all engines read alike.",
        _TEXT,
    ),
    "x-aws-payload": ("The member that is the whole body.", _TEXT),
    "x-aws-protocol": (
        "The protocol in which the documents travel.",
        {
            "enum": [
                "ec2",
                "json",
                "query",
                "rest-json",
                "rest-xml",
                "smithy-rpc-v2-cbor",
                "smithy-rpc-v2-json",
                "unknown",
            ]
        },
    ),
    "x-aws-sensitive": ("The value must not be shown or logged.", _FLAG),
    "x-aws-service": ("The service's name, as botocore spells it.", _TEXT),
    "x-aws-shape": ("Null: the operation has no such side, and no shape stands behind it.", {"const": None}),
    "x-aws-side": ("Which side of the operation it is.", {"enum": ["input", "output", "errors"]}),
    "x-aws-sparse": ("Null may stand for an element or a value of the collection.", _FLAG),
    "x-aws-streaming": ("The value travels as a stream of bytes.", _FLAG),
    "x-aws-timestamp-format": (
        "The form in which a point in time travels: seconds since 1970, ISO 8601, or an HTTP date.",
        {"enum": ["unixTimestamp", "iso8601", "rfc822"]},
    ),
    "x-aws-type": (
        "The kind of shape that stands behind the schema.",
        {
            "enum": [
                "blob",
                "boolean",
                "document",
                "double",
                "float",
                "integer",
                "list",
                "long",
                "map",
                "string",
                "structure",
                "timestamp",
            ]
        },
    ),
    "x-aws-union": ("Exactly one of the members is present.", _FLAG),
}


def vocabulary_schema() -> dict[str, Any]:
    """The meta-schema of the vocabulary: each keyword with its type, and no other keyword of its prefix."""
    return {
        "$schema": f"{_DRAFT}/schema",
        "$id": VOCABULARY_ID,
        "$vocabulary": {VOCABULARY_ID: True},
        "$dynamicAnchor": "meta",
        "title": "Keywords of AWS models",
        "type": ["object", "boolean"],
        # A misspelt keyword would else be an annotation that nobody reads.
        "propertyNames": {"if": {"pattern": "^x-aws-"}, "then": {"enum": sorted(_KEYWORDS)}},
        "properties": {
            name: {"description": meaning} | schema for name, (meaning, schema) in sorted(_KEYWORDS.items())
        },
        "dependentRequired": {
            "x-aws-deprecated-since": ["deprecated"],
            "x-aws-document": ["x-aws-type"],
            "x-aws-location-name": ["x-aws-location"],
            "x-aws-modelled": ["minimum", "maximum"],
            "x-aws-pattern-refused": ["x-aws-pattern"],
            "x-aws-timestamp-format": ["x-aws-type"],
        },
        "dependentSchemas": {
            "x-aws-union": {
                "properties": {"minProperties": {"const": 1}, "maxProperties": {"const": 1}},
                "required": ["minProperties", "maxProperties"],
            },
            "x-aws-pattern-refused": {"properties": {"pattern": False}},
        },
    }


def meta_schema() -> dict[str, Any]:
    """The dialect's meta-schema: draft 2020-12 and the vocabulary, at every level of a schema."""
    vocabularies = {f"{_DRAFT}/vocab/{name}": True for name in _DRAFT_VOCABULARIES}
    return {
        "$schema": f"{_DRAFT}/schema",
        "$id": DIALECT_ID,
        "$vocabulary": vocabularies | {VOCABULARY_ID: True},
        "$dynamicAnchor": "meta",
        "title": "JSON Schema with the keywords of AWS models",
        "allOf": [{"$ref": f"{_DRAFT}/schema"}, {"$ref": VOCABULARY_ID}],
        "type": ["object", "boolean"],
    }


Side: TypeAlias = Literal["input", "output", "errors"]


SIDES: tuple[Side, ...] = ("input", "output", "errors")
