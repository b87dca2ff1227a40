# SPDX-License-Identifier: Apache-2.0
"""The presigned URL of an import job: made for one upload, and verified when that arrives.

It owns query-string signatures and S3's refusals of them. It refuses to know jobs beyond the path that
names one. As recorded, the URL's path is `/ACCOUNT/POOL/JOB`, it is valid for 899 seconds, and it signs
the header `x-amz-server-side-encryption`, which the upload must therefore carry as `aws:kms`.
"""

from __future__ import annotations

import calendar
import hmac
import time
from urllib.parse import parse_qs, urlencode

from botocore.compat import HTTPHeaders

from ..http import Request, header
from .refusal import StorageRefusal
from .signing import HeaderSignature, Received

__all__ = ["LIFETIME", "presign", "verify_upload"]

LIFETIME = 899
_ALGORITHM = "AWS4-HMAC-SHA256"
_ENCRYPTION = "x-amz-server-side-encryption"
_SIGNED = f"host;{_ENCRYPTION}"
# Whom the service signs as; not a client's credentials. The secret never leaves the process.
_ACCESS_KEY = "AKIDCONFORMANCEUPLOAD"
_SECRET = "conformance-reference-upload-secret"
_STAMP = "%Y%m%dT%H%M%SZ"


def presign(base_url: str, path: str, region: str, now: float) -> str:
    """A URL to PUT a file to until `now` (seconds since the epoch) and LIFETIME have passed.

    `base_url` is a scheme and a host, without a path.
    """
    # Not urlsplit, which raises for hosts that are none: the host may be what a request's header said.
    host = base_url.partition("://")[2].rstrip("/")
    timestamp = time.strftime(_STAMP, time.gmtime(now))
    query = urlencode(
        {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Date": timestamp,
            "X-Amz-SignedHeaders": _SIGNED,
            "X-Amz-Expires": str(LIFETIME),
            "X-Amz-Credential": f"{_ACCESS_KEY}/{timestamp[:8]}/{region}/s3/aws4_request",
        }
    )
    signature = _signature("PUT", host, "aws:kms", f"{path}?{query}", region, timestamp)
    return f"{base_url.rstrip('/')}{path}?{query}&X-Amz-Signature={signature}"


def _signature(method: str, host: str, encryption: str, target: str, region: str, timestamp: str) -> str:
    headers = HTTPHeaders()
    headers["host"] = host
    headers[_ENCRYPTION] = encryption
    # S3 signs a URL without knowing the body that will come.
    signer = HeaderSignature(_SECRET, "s3", region, "UNSIGNED-PAYLOAD")
    return signer.of(Received(method, f"http://host{target}", headers, timestamp))


def verify_upload(request: Request, region: str, now: float) -> None:
    """Raises StorageRefusal unless the request is what a URL of ours was presigned for, in time.

    As in S3, a request that has expired is refused as such before its signature is looked at.
    """
    path, _, query = request.path.partition("?")
    values = {name: texts[0] for name, texts in parse_qs(query, keep_blank_values=True).items()}
    needed = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
    if not path.startswith("/") or not any(f"X-Amz-{name}" in values for name in needed):
        raise StorageRefusal("AccessDenied", "Access Denied")
    if not all(f"X-Amz-{name}" in values for name in needed):
        listed = ", ".join(f"X-Amz-{name}" for name in needed)
        raise StorageRefusal(
            "AuthorizationQueryParametersError",
            f"Query-string authentication version 4 requires the {listed} parameters.",
            400,
        )
    timestamp = values["X-Amz-Date"]
    try:
        signed = calendar.timegm(time.strptime(timestamp, _STAMP))
        expired = now > signed + int(values["X-Amz-Expires"])
    except ValueError:
        raise StorageRefusal(
            "AuthorizationQueryParametersError",
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
            400,
        ) from None
    if expired:
        raise StorageRefusal("AccessDenied", "Request has expired")
    unsigned = "&".join(pair for pair in query.split("&") if not pair.startswith("X-Amz-Signature="))
    expected = _signature(
        request.method,
        header(request.headers, "host") or "",
        header(request.headers, _ENCRYPTION) or "",
        f"{path}?{unsigned}",
        region,
        timestamp,
    )
    if not hmac.compare_digest(expected.encode(), values["X-Amz-Signature"].encode()):
        raise StorageRefusal(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
        )
