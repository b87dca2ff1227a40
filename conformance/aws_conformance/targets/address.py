# SPDX-License-Identifier: Apache-2.0
"""Addresses of targets and the guard that keeps the kit on the loopback unless the user allows more.

It owns how a URL is taken apart and which hosts are loopback. It refuses to resolve names: what a name
server says today must not decide where requests and credentials go, so the guard reads the text alone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

from ..errors import UsageError

__all__ = ["Address", "Scheme", "Tls", "parse_address", "require_loopback"]

Scheme: TypeAlias = Literal["http", "https"]


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom to trust beyond the system's authorities, and who we are; paths of files in PEM, or empty."""

    ca_bundle: str = ""
    certificate: str = ""
    key: str = ""


_DEFAULT_PORTS = {"http": 80, "https": 443}
_FORM = "Write the address as http://127.0.0.1:5000."
_NAME = re.compile(r"(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens, and what a URL asks of it.

    `host` is lower-case and, for IPv6, without brackets; `path` starts with a slash and holds the query.
    """

    scheme: Scheme
    host: str
    port: int
    path: str = "/"

    @property
    def authority(self) -> str:
        """The value of the Host header: the port only where it is not the scheme's own, as SigV4 signs it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The address without path, as a target's base URL."""
        return f"{self.scheme}://{self.authority}"

    @property
    def dial(self) -> str:
        """The host to open a connection to.

        RFC 6761 reserves `*.localhost` for the loopback, yet resolvers may ask a name server for it.
        """
        return "localhost" if self.host.endswith(".localhost") else self.host

    @property
    def loopback(self) -> bool:
        """Whether the text says loopback: localhost, *.localhost, 127.0.0.0/8 or ::1."""
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")
        if isinstance(address, ipaddress.IPv4Address):
            return address in ipaddress.IPv4Network("127.0.0.0/8")
        return address == ipaddress.IPv6Address("::1")


def parse_address(url: str) -> Address:
    """Take a URL apart.

    Raises UsageError, in one line with the form that would do, unless it is an http or https URL with a
    host, a port from 1 to 65535 if any, no user name or password and no characters that parsers disagree
    on (the guard and the dialler must read the same host).
    """
    if re.search(r"[^\x21-\x7e]|\\", url):
        raise UsageError(f"The address {url!r} holds a character that no address may hold.", _FORM)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"The address {url!r} can not be read: {error}.", _FORM) from None
    scheme = _scheme(parts, url)
    if "@" in parts.netloc:
        # The text is not repeated: it may hold a password.
        raise UsageError(
            "An address must not hold a user name or password.",
            f"{_FORM} Credentials are given by the environment, as to the AWS command line.",
        )
    host = (parts.hostname or "").lower()
    if not host:
        raise UsageError(f"The address {url!r} names no host.", _FORM)
    if not _is_host(host, bracketed=parts.netloc.startswith("[")):
        raise UsageError(f"The address {url!r} names no valid host.", _FORM)
    if port == 0:
        raise UsageError(f"The address {url!r} has the port 0, which nobody listens on.", _FORM)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(scheme, host, port or _DEFAULT_PORTS[scheme], path)


def require_loopback(url: str, allow_remote: bool, hosts: Collection[str] = ()) -> Address:
    """The address of a URL that may be connected to.

    Raises UsageError if the host is neither the loopback nor one of `hosts` and `allow_remote` is False, or
    if the URL is bad.
    A target's answer is no better than a user's slip: URLs that a target hands out (PreSignedUrl) pass
    through here too.
    """
    address = parse_address(url)
    if not allow_remote and not address.loopback and address.host not in hosts:
        raise UsageError(
            f"{address.origin} is not on this machine, and requests go to the loopback only.",
            f"Pass --allow-host {address.host} if you mean that host, or --allow-remote for any.",
        )
    return address


def _scheme(parts: SplitResult, url: str) -> Scheme:
    match parts.scheme:
        case "http":
            return "http"
        case "https":
            return "https"
        case _ if "://" not in url:
            raise UsageError(f"The address {url!r} has no scheme.", f"Did you mean http://{url}?")
        case scheme:
            raise UsageError(f"The address {url!r} has the scheme {scheme!r}, not http or https.", _FORM)


def _is_host(host: str, *, bracketed: bool) -> bool:
    if not bracketed:
        return _NAME.fullmatch(host) is not None
    try:
        return "%" not in host and bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False
