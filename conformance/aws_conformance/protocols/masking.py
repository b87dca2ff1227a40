# SPDX-License-Identifier: Apache-2.0
"""Secrets in bodies: sensitive values replaced, every other character left as it was.

It owns what a sensitive value is replaced by, in reports and in recordings. A body is not decoded and written
anew, because the very form of what a target sent is what checks are about; where values stand in it is the
protocol's to say (`Protocol.masking`).
"""

from __future__ import annotations

import base64
import functools
import html
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

from ..spec.shapes import Service
from .record import Masking, Scalar

__all__ = [
    "REDACTED",
    "SHORTEST_SECRET",
    "Replacement",
    "fixed",
    "mask_body",
    "mask_repeated",
    "mask_urls",
    "of_same_form",
    "secrets_in",
    "spellings",
]

REDACTED = "***"
# Shorter texts stand everywhere by chance; replacing them would only garble what is shown.
SHORTEST_SECRET = 6
# Bytes of a body that are searched for secrets; what is shown of a longer one is its beginning.
_LONGEST = 64 * 1024
_SIGNED = re.compile(
    r"((?:X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature)=)[^&\"'\\\s<>]+",
    re.IGNORECASE,
)

Replacement = Callable[[Masking, Scalar], str]


@functools.lru_cache(maxsize=1024)
def spellings(secret: str) -> tuple[str, ...]:
    """A text and what it is called in the encodings that targets repeat it in, the longest first.

    In base64 it may stand within something longer, at three places of a group; what is the same in all of
    them is looked for.
    """
    content = secret.encode("utf-8", "replace")
    texts = [secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret), content.hex()]
    texts += [texts[1].replace("%2F", "/"), html.escape(secret, quote=False), content.hex().upper()]
    for shift in range(3):
        # The first and the last group hold bits of what stands around.
        encoded = base64.b64encode(b"\0" * shift + content).decode("ascii").rstrip("=")
        inner = encoded[2 * shift - (shift > 1) : len(encoded) - ((len(content) + shift) % 3 > 0)]
        texts += [inner, inner.replace("+", "-").replace("/", "_")]
    return tuple(sorted({text for text in texts if len(text) >= SHORTEST_SECRET}, key=len, reverse=True))


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

    Only within values: a member's name may be somebody's password, and is still the member's name.
    """
    forms: dict[str, str] = {}
    for secret in secrets:
        for form in spellings(secret):
            forms[form] = "x" * len(form)
        for form in (secret, *masking.escapes(secret)):
            # Where a value's length stands before it, what replaces it has as many bytes.
            forms[form] = "x" * len(form if masking.encoding == "latin-1" else secret)
    if not any(form in body for form in forms):
        return body
    spans = [(scalar.start, scalar.end) for scalar in masking.scalars(service, None, body)]
    parts, last = [], 0
    for start, end in spans or [(0, len(body))]:
        value = body[start:end]
        for form, mask in forms.items():
            value = value.replace(form, mask)
        parts += [body[last:start], value]
        last = end
    return "".join([*parts, body[last:]])
