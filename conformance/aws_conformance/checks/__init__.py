"""The catalogue of checks: every rule that an answer is held to, as a table.

A check is a row: a stable id, a one-sentence requirement, a severity by the evidence behind it, who says
so, and the function that looks. A new rule is a new row. `judge` runs them all over one answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..results.events import Answers, Severity, Violation
from ..spec.schema.validate import Validators
from . import body, envelope, meaning, signature, verdict
from .cli import CLI_CATALOGUE
from .command import CommandCheck
from .lifecycle import LIFECYCLE_CATALOGUE, LifecycleCheck, judge_moment
from .response import Breach, Check, DecodedResponse, interpret, place

__all__ = [
    "ALL_CHECKS",
    "CATALOGUE",
    "CLI_CATALOGUE",
    "LIFECYCLE_CATALOGUE",
    "Breach",
    "Check",
    "DecodedResponse",
    "LifecycleCheck",
    "Validators",
    "interpret",
    "judge",
    "judge_moment",
]

_JSON = "Smithy, AWS JSON 1.1 protocol"
_RFC8259 = "RFC 8259"
_MODEL = "the service's model"
_RECORDED = "recorded answers of AWS"
_SDKS = "AWS SDKs for JavaScript v3, Java, Go, Rust and Kotlin refuse it"

_ROWS: tuple[Check, ...] = (
    Check(
        "error.code.contradiction",
        "All places of an answer that name its error name the same one.",
        "error",
        "PROTOCOL",
        f"{_JSON}: operation error serialization; SDKs differ in the place that they read",
        envelope.code_contradiction,
    ),
    Check(
        "error.code.recorded",
        "A refusal whose code is on record for this situation has that code.",
        "error",
        "OBSERVED",
        _RECORDED,
        verdict.code_recorded,
    ),
    Check(
        "error.code.undeclared",
        "An operation answers with errors that it declares, or with those common to all of AWS.",
        "warning",
        "MODEL",
        f"{_MODEL}: the operation's errors",
        envelope.code_undeclared,
    ),
    Check(
        "error.code.unknown",
        "An error code is one that the service or AWS documents; SDKs know no other.",
        "warning",
        "MODEL",
        f"{_MODEL}: the errors of all its operations; AWS, Common Errors",
        envelope.code_unknown,
    ),
    Check(
        "error.envelope.message",
        "A modelled error's text stands under the member that its shape has for it.",
        "warning",
        "MODEL",
        f"{_MODEL}; {_RECORDED}: modelled errors use `message`, framework errors `Message`",
        envelope.message_casing,
    ),
    Check(
        "error.envelope.type",
        "An error response names its code in the body's `__type`, where SDKs of the json protocols read it.",
        "error",
        "PROTOCOL",
        f"{_JSON}: operation error serialization",
        envelope.error_type,
    ),
    Check(
        "lifecycle.refusal",
        "What the resource's documented state forbids is refused.",
        "error",
        "OBSERVED",
        f"{_RECORDED}; Amazon Cognito, importing users from a CSV file",
        verdict.lifecycle_refusal,
    ),
    Check(
        "lifecycle.refusal.unrecorded",
        "What the documented life of a resource has no room for is refused; AWS's answer is not on record.",
        "warning",
        "DOC",
        "Amazon Cognito, importing users from a CSV file; lifecycles",
        verdict.lifecycle_unrecorded,
    ),
    Check(
        "request.invalid.accepted",
        "A request that breaks one constraint which AWS is known to enforce is refused.",
        "error",
        "OBSERVED",
        "data/expectations.yaml, with the evidence for each constraint",
        verdict.invalid_accepted,
    ),
    Check(
        "request.invalid.tolerated",
        "A request that breaks a modelled constraint is refused; what AWS does here is not on record.",
        "warning",
        "MODEL",
        _MODEL,
        verdict.invalid_tolerated,
    ),
    Check(
        "request.nonexistent.accepted",
        "A request for what nobody has is refused where the operation declares an error for that.",
        "warning",
        "MODEL",
        f"{_MODEL}: the operation's errors",
        meaning.nonexistent_accepted,
    ),
    Check(
        "request.tolerance.refused",
        "What AWS is known to tolerate in requests is tolerated.",
        "note",
        "OBSERVED",
        "data/expectations.yaml, with the evidence for each tolerance",
        verdict.tolerance_refused,
    ),
    Check(
        "request.valid.refused",
        "A valid request is not refused for its form or for a constraint that it meets.",
        "error",
        "MODEL",
        _MODEL,
        verdict.valid_refused,
    ),
    Check(
        "request.valid.unmodelled",
        "A valid request is refused for no constraint but those of the model; AWS itself knows others.",
        "note",
        "MODEL",
        _MODEL,
        verdict.valid_unmodelled,
    ),
    Check(
        "response.blob.base64",
        "A blob in a JSON body is base64 with padding.",
        "error",
        "PROTOCOL",
        f"{_JSON}: shape serialization; RFC 4648, section 4",
        body.blob_base64,
        looks_at="document",
    ),
    Check(
        "response.body.depth",
        "A response is no deeper than any document of AWS.",
        "error",
        "PROTOCOL",
        f"{_RFC8259}, section 9: readers may limit depth",
        body.depth,
        looks_at="bytes",
    ),
    Check(
        "response.body.duplicate-key",
        "An object has each key once; readers disagree on which of two counts.",
        "error",
        "PROTOCOL",
        f"{_RFC8259}, section 4",
        body.duplicate_key,
        looks_at="bytes",
    ),
    Check(
        "response.body.encoding",
        "A JSON body is UTF-8 without a byte-order mark.",
        "error",
        "PROTOCOL",
        f"{_RFC8259}, section 8.1",
        body.encoding,
        looks_at="bytes",
    ),
    Check(
        "response.body.malformed",
        "A response's body is a JSON document.",
        "error",
        "PROTOCOL",
        f"{_JSON}; {_RFC8259}",
        body.wellformed,
        looks_at="bytes",
    ),
    Check(
        "response.body.nonfinite",
        "JSON has no NaN and no Infinity; the protocol writes them as strings.",
        "error",
        "PROTOCOL",
        f"{_RFC8259}, section 6; {_JSON}: shape serialization",
        body.nonfinite,
        looks_at="bytes",
    ),
    Check(
        "response.body.root",
        "A response's body is a JSON object.",
        "error",
        "PROTOCOL",
        _JSON,
        body.root_type,
        looks_at="bytes",
    ),
    Check(
        "response.body.size",
        "A response ends before it exhausts its reader.",
        "error",
        "PROTOCOL",
        "AWS documents responses of at most a few megabytes for these operations",
        verdict.body_size,
        "target",
    ),
    Check(
        "response.body.type",
        "A member has the JSON type of its shape.",
        "error",
        "MODEL",
        f"{_MODEL}; {_JSON}: shape serialization; {_SDKS}",
        body.member_type,
        looks_at="document",
    ),
    Check(
        "response.constraint.length",
        "An output keeps to its documented length; AWS itself does not always.",
        "note",
        "MODEL",
        _MODEL,
        body.constraint_length,
        looks_at="document",
    ),
    Check(
        "response.constraint.pattern",
        "An output keeps to its documented pattern; AWS itself does not always.",
        "note",
        "MODEL",
        _MODEL,
        body.constraint_pattern,
        looks_at="document",
    ),
    Check(
        "response.constraint.range",
        "An output keeps to its documented range; AWS itself does not always.",
        "note",
        "MODEL",
        _MODEL,
        body.constraint_range,
        looks_at="document",
    ),
    Check(
        "response.content-type",
        "A response's Content-Type is the protocol's.",
        "warning",
        "PROTOCOL",
        _JSON,
        body.content_type,
        "target",
        looks_at="bytes",
    ),
    Check(
        "response.document.foreign",
        "A success has members of the operation's output, under no envelope but the protocol's.",
        "error",
        "MODEL",
        f"{_MODEL}; SDKs find none of its members",
        meaning.document_foreign,
        looks_at="document",
    ),
    Check(
        "response.document.hollow",
        "A success has the structure that its output is made of.",
        "warning",
        "OBSERVED",
        f"{_RECORDED}: 429 of 431",
        meaning.document_hollow,
    ),
    Check(
        "response.enum.value",
        "A value of an enumeration is one of its documented values; new ones do appear.",
        "warning",
        "MODEL",
        _MODEL,
        body.enum_value,
        looks_at="document",
    ),
    Check(
        "response.integer.form",
        "A whole number is written as digits, without fraction or exponent.",
        "error",
        "PROTOCOL",
        f"{_JSON}: shape serialization; the Go and Rust SDKs refuse it",
        body.integer_form,
        looks_at="document",
    ),
    Check(
        "response.integer.range",
        "A whole number fits the width of its shape: 32 bits for integer, 64 for long.",
        "error",
        "MODEL",
        f"{_MODEL}; Smithy, simple types",
        body.integer_range,
        looks_at="document",
    ),
    Check(
        "response.map.key",
        "A map's keys are of their documented enumeration.",
        "warning",
        "MODEL",
        _MODEL,
        body.map_key,
        looks_at="document",
    ),
    Check(
        "response.member.case",
        "A member is written as the model writes it; clients drop it under another case.",
        "error",
        "MODEL",
        _MODEL,
        meaning.member_case,
        looks_at="document",
    ),
    Check(
        "response.member.changed",
        "What was sent and is shown under the same member has the same value.",
        "warning",
        "MODEL",
        f"{_MODEL}: the same shape in input and output",
        meaning.member_changed,
    ),
    Check(
        "response.member.echo",
        "An answer does not repeat what the model lacks and the request brought.",
        "note",
        "MODEL",
        _MODEL,
        meaning.member_echo,
        looks_at="document",
    ),
    Check(
        "response.member.required",
        "A member that the model requires is present; AWS itself omits some.",
        "warning",
        "MODEL",
        _MODEL,
        body.member_required,
        looks_at="document",
    ),
    Check(
        "response.member.unknown",
        "A response has no member that the model lacks; clients drop it silently.",
        "warning",
        "MODEL",
        _MODEL,
        meaning.member_unknown,
        looks_at="document",
    ),
    Check(
        "response.null.element",
        "A list that is not sparse holds no null; AWS itself sends some.",
        "warning",
        "PROTOCOL",
        "Smithy, sparse trait; strict SDKs refuse it",
        body.null_element,
        looks_at="document",
    ),
    Check(
        "response.null.member",
        "An absent member is left out rather than sent as null; SDKs read both alike.",
        "note",
        "PROTOCOL",
        f"{_JSON}: null equals absent",
        body.null_member,
        looks_at="document",
    ),
    Check(
        "response.request-id",
        "Every response carries a request id.",
        "warning",
        "OBSERVED",
        f"{_RECORDED}: x-amzn-requestid",
        envelope.request_id,
        "target",
    ),
    Check(
        "response.status.error",
        "An error has the status of its shape: 400 unless modelled, 500 for faults; AWS departs from it.",
        "warning",
        "MODEL",
        f"{_MODEL}; {_JSON}",
        envelope.error_status,
    ),
    Check(
        "response.status.success",
        "A success travels with the operation's modelled status.",
        "error",
        "MODEL",
        _MODEL,
        envelope.success_status,
    ),
    Check(
        "response.success.error",
        "A success is not an error under another status.",
        "error",
        "PROTOCOL",
        f"{_JSON}; SDKs take it for a success without members",
        meaning.success_is_error,
    ),
    Check(
        "response.timestamp.form",
        "In AWS JSON 1.1 a timestamp without a timestampFormat is a number of epoch seconds.",
        "error",
        "PROTOCOL",
        f"{_JSON}: timestamp formats; {_SDKS}",
        body.timestamp_form,
        looks_at="document",
    ),
    Check(
        "response.timestamp.range",
        "A date lies within the years 1 to 9999, which is all that SDKs can hold.",
        "error",
        "PROTOCOL",
        "date types of the AWS SDKs for Python, JavaScript, Java and Go",
        meaning.timestamp_range,
    ),
    Check(
        "response.union.members",
        "A union has exactly one member.",
        "error",
        "PROTOCOL",
        "Smithy, union shape; strict SDKs refuse none and two",
        body.union_members,
        looks_at="document",
    ),
    Check(
        "server.crash",
        "A target answers in its protocol whatever it is sent: no 5xx, no web page, no dropped connection.",
        "error",
        "PROTOCOL",
        _JSON,
        verdict.crash,
    ),
    Check(
        "server.request-size",
        "A request of a documented size is read.",
        "warning",
        "MODEL",
        _MODEL,
        verdict.too_large,
        "target",
    ),
    Check(
        "server.timeout",
        "A target answers in time.",
        "error",
        "PROTOCOL",
        _JSON,
        verdict.timeout,
    ),
    Check(
        "server.unsupported",
        "An operation that is implemented is so with all its parts.",
        "warning",
        "MODEL",
        _MODEL,
        verdict.unsupported,
    ),
    *signature.ROWS,
)

CATALOGUE: Mapping[str, Check] = MappingProxyType({check.id: check for check in _ROWS})
#: Every check there is, those of the `aws` command and of histories included; what each looks at differs.
ALL_CHECKS: Mapping[str, Check | CommandCheck | LifecycleCheck] = MappingProxyType(
    {**CATALOGUE, **CLI_CATALOGUE, **LIFECYCLE_CATALOGUE}
)


def judge(
    answer: DecodedResponse,
    *,
    checks: Iterable[Check] = _ROWS,
    severities: Mapping[str, str] | None = None,
    general: bool = True,
) -> list[Violation]:
    """All violations in an answer, in the catalogue's order.

    `severities` maps a check's id to another severity or to "off". With `general`, paths are generalised
    over list indices and map keys, so that one cause has one path; without, they are exact.
    """
    overrides = severities or {}
    name = f"{answer.service.name}:{answer.operation.name}"
    broken = answer.expectation
    everywhere = broken is not None and broken.protocol_level
    garbage_in = (
        broken is not None
        and broken.earns in ("refused", "unknown")
        and (broken.protocol_level or not broken.codes)
    )
    # Most answers are in order: what could only find fault with bytes or document is then not asked.
    quiet = not answer.findings and not answer.unfit
    violations = []
    for check in checks:
        if (quiet and check.looks_at != "answer") or (garbage_in and check.looks_at == "document"):
            continue
        severity = overrides.get(check.id, check.severity)
        if severity == "off":
            continue
        for breach in check.run(answer):
            where = place(answer.service, answer.root, breach.path)
            scope = "target" if everywhere or breach.everywhere else check.scope
            violations.append(
                Violation(
                    check=check.id,
                    severity=_severity(severity),
                    provenance=breach.provenance or check.provenance,
                    operation=name,
                    path=_pretty(where.general if general else where.exact),
                    requirement=check.requirement,
                    expected=breach.expected,
                    got="(a sensitive value)" if where.sensitive else breach.got,
                    cause=breach.cause,
                    scope=scope,
                    answers=_answers(answer) if scope == "target" else "",
                )
            )
    return violations


def _answers(answer: DecodedResponse) -> Answers:
    """The kind of an answer: whoever mends what all of a kind show has often not mended the others."""
    if answer.kind == "success":
        return "successes"
    return "modelled errors" if answer.root is not None else "answers below the document"


def _pretty(path: str) -> str:
    """Places outside of the body are not members of it: `(status)`, not `$["(status)"]`."""
    return path[3:-2] if path.startswith('$["(') else path


def _severity(name: str) -> Severity:
    return name if name in ("error", "warning", "note") else "error"  # type: ignore[return-value]
