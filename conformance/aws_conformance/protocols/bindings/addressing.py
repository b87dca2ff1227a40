# SPDX-License-Identifier: Apache-2.0
"""Requests whose host names what their path does not: S3's buckets, virtual-hosted style.

It owns which part of a host name is a bucket. It refuses to know what is in a bucket.

Source: Amazon S3 User Guide, "Virtual hosting of general purpose buckets".
"""

from __future__ import annotations

import re

from ...http import Request, header
from ...spec.shapes import Service

__all__ = ["path_style"]

_S3 = "s3"
# A bucket before AWS's endpoints (dual-stack, accelerated, with a region or none), or before this host.
_HOST = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])"
    r"\.(?:s3(?:-accelerate)?(?:[.-](?:dualstack\.)?[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?|(?:s3\.)?localhost)",
    re.IGNORECASE,
)


def path_style(service: Service, request: Request) -> Request:
    """The request with the bucket in its path, where its host names it; else the request as it is."""
    if service.name != _S3:
        return request
    host = (header(request.headers, "host") or "").partition(":")[0]
    match = _HOST.fullmatch(host)
    if match is None or match["bucket"].lower() == _S3:
        return request
    path, question, query = request.path.partition("?")
    placed = f"/{match['bucket']}{'' if path == '/' else path}"
    return Request(request.method, f"{placed}{question}{query}", request.headers, request.body)
