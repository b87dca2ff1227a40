"""Which service a request on the wire is for, told by what every server could tell it by.

It owns the reading of target, signature and host name. It refuses to know what the request says
(request_check.py).
"""

from __future__ import annotations

import functools
import gzip
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ...http import Headers, header
from ...spec.botocore import data_folder, load_service, service_names

__all__ = ["is_aws", "service_of"]

_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/,\s]+/([^/,\s]+)/aws4_request")
_HOST = re.compile(r"(?:^|\.)([a-z0-9-]+)(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?$")
_PREFIX = re.compile(rb'"targetPrefix"\s*:\s*"([^"]+)"')
# The metadata stands at the head of a model, and the prefix in it.
_HEAD = 8_192


def is_aws(url: str, headers: Headers) -> bool:
    """Whether a request is one to an AWS API: signed as one, naming a target, or sent to amazonaws.com."""
    return (
        header(headers, "x-amz-target") is not None
        or (header(headers, "authorization") or "").startswith("AWS4-HMAC-SHA256")
        or _HOST.search(urlsplit(url).hostname or "") is not None
    )


def service_of(url: str, headers: Headers) -> str | None:
    """botocore's name of the service that a request is for, or None if nothing tells it."""
    target = header(headers, "x-amz-target")
    signed = _SCOPE.search(header(headers, "authorization") or "")
    host = _HOST.search(urlsplit(url).hostname or "")
    guesses = [match[1] for match in (signed, host) if match]
    prefix = target.rpartition(".")[0] if target else None
    names = frozenset(service_names())
    for guess in guesses:
        if guess in names and (prefix is None or load_service(guess).target_prefix == prefix):
            return guess
    if prefix is not None:
        return _prefixes().get(prefix)
    return None


@functools.cache
def _prefixes() -> Mapping[str, str]:
    """The service of each target prefix, from the heads of all models; the first of two that share one."""
    services: dict[str, str] = {}
    for name in service_names():
        folder = data_folder() / name
        file = next(iter(sorted(folder.glob("*/service-2.json*"), reverse=True)), None)
        if file is None:  # pragma: no cover - service_names lists folders that hold a model
            continue
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            match = _PREFIX.search(stream.read(_HEAD))
        if match:
            services.setdefault(match[1].decode(), name)
    return services
