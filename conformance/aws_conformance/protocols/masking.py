# SPDX-License-Identifier: Apache-2.0
"""Secrets in bodies: sensitive values replaced, every other character left as it was.

It owns what a sensitive value is replaced by, in reports and in recordings. A body is not decoded and written
anew, because the very form of what a target sent is what checks are about; where values stand in it is the
protocol's to say (`Protocol.masking`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ..spec.shapes import Service, StructureShape
from .record import Masking, Scalar
from .spelled import SHORTEST_SECRET, places_of, possible_secrets

__all__ = [
    "REDACTED",
    "Replacement",
    "fixed",
    "mask_body",
    "mask_places",
    "mask_repeated",
    "mask_urls",
    "of_same_form",
    "secrets_in",
]

REDACTED = "***"
# Bytes of a body that are searched for secrets; what is shown of a longer one is its beginning.
_LONGEST = 64 * 1024
_SIGNED = re.compile(
    r"((?:X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature)=)[^&\"'\\\s<>]+",
    re.IGNORECASE,
)

Replacement = Callable[[Masking, Scalar], str]


def mask_urls(text: str) -> str:
    """The text with the credentials and signatures of presigned URLs replaced."""
    return _SIGNED.sub(lambda match: f"{match[1]}{REDACTED}", text)


def fixed(masking: Masking, scalar: Scalar) -> str:
    """The replacement for reports: says nothing of the value but that it is one."""
    return (
        masking.literal("null", scalar.text) if scalar.kind == "null" else masking.literal("text", REDACTED)
    )


def of_same_form(masking: Masking, scalar: Scalar) -> str:
    """The replacement for recordings: the same type, and text as long, so that verdicts stay.

    Only the length of a secret can be read from it.
    """
    match scalar.kind:
        case "null":
            return masking.literal("null", scalar.text)
        case "boolean":
            return masking.literal("boolean", "false")
        case "number":
            return masking.literal("number", "0")
        case "text":
            return masking.literal("text", "x" * len(scalar.text))


def mask_body(
    masking: Masking | None, service: Service, root: str | None, body: str, replace: Replacement
) -> str:
    """A body without the values of sensitive shapes; `replace` says what stands in their places.

    `root` is the shape of the whole (None: none is known to be sensitive by its place). Without a `masking`
    nothing of it could be told apart, so nothing of it is left.
    """
    body = mask_urls(body)
    if not _may_hold_secrets(service, root, body):
        return body
    if masking is None:
        return REDACTED
    parts, last = [], 0
    for scalar in masking.scalars(service, root, body):
        if scalar.sensitive:
            parts += [body[last : scalar.start], replace(masking, scalar)]
            last = scalar.end
    return "".join([*parts, body[last:]])


def _may_hold_secrets(service: Service, root: str | None, body: str) -> bool:
    """Whether a body is worth a closer look: most of them name no sensitive member, and some are huge."""
    if root is not None and root in service.shapes and service.shapes[root].sensitive:
        return True
    folded = body.lower()
    # Names may be written with escapes.
    return bool(body.strip()) and ("\\u" in folded or any(map(folded.__contains__, service.secret_holders)))


def secrets_in(masking: Masking | None, service: Service, root: str | None, body: bytes) -> tuple[str, ...]:
    """The texts that sensitive members of a body hold, the longest first."""
    if masking is None:
        return ()
    text = body[:_LONGEST].decode(masking.encoding, "replace")
    if not _may_hold_secrets(service, root, text):
        return ()
    texts = {
        scalar.text
        for scalar in masking.scalars(service, root, text)
        if scalar.sensitive and scalar.kind == "text" and len(scalar.text) >= SHORTEST_SECRET
    }
    return tuple(sorted(texts, key=len, reverse=True))


def mask_repeated(masking: Masking, service: Service, body: str, secrets: Iterable[str]) -> str:
    """A body without texts that stood in sensitive members elsewhere, by texts of the same length.

    A member's name may be somebody's password, and is still the member's name; between values nothing else
    has a reason to be one.
    """
    possible = possible_secrets((body,), secrets)
    if not possible:
        return body
    forms: dict[str, str] = {}
    for secret in possible:
        for form in (secret, *masking.escapes(secret)):
            # Where a value's length stands before it, what replaces it has as many bytes.
            forms[form] = "x" * len(form if masking.encoding == "latin-1" else secret)
    names = _names_of(service)
    nameless = [secret for secret in possible if secret.lower() not in names]
    spans = [(scalar.start, scalar.end) for scalar in masking.scalars(service, None, body)]
    parts, last = [], 0
    for start, end in spans or [(0, len(body))]:
        value = body[start:end]
        for form, mask in forms.items():
            value = value.replace(form, mask)
        parts += [mask_places(body[last:start], nameless), mask_places(value, possible)]
        last = end
    return "".join([*parts, mask_places(body[last:], nameless)])


def _names_of(service: Service) -> frozenset[str]:
    """The names of all members of a service, and of its shapes, which XML has as elements."""
    shapes = service.shapes.values()
    members = (name for shape in shapes if isinstance(shape, StructureShape) for name in shape.members)
    return frozenset(name.lower() for name in (*members, *service.shapes))


def mask_places(text: str, secrets: Iterable[str]) -> str:
    """A text without the secrets in any spelling, as long as it was."""
    parts, last = [], 0
    for start, end in places_of(text, secrets, cut=False):
        parts += [text[last:start], "x" * (end - start)]
        last = end
    return "".join([*parts, text[last:]])
