# SPDX-License-Identifier: Apache-2.0
"""One connection of urllib3's that sends a request in one piece and has its answer read strictly.

It owns how an exchange fails: each way has its fate and its words. It refuses to know of other
connections: reuse and repetition belong to connection.py, which imports this module late because
urllib3 takes its time.
"""

from __future__ import annotations

import contextlib
import re
import ssl

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from ..http import Fate, Request
from .address import Address, Tls
from .response_reader import Bounds, MalformedError, OversizedError, ResponseReader

__all__ = ["HttpConnection"]

_SHOWN = 40
_TIMED_OUT = re.compile(rb"HTTP/1\.[0-9] 408 ")
# A request's line and its headers, of which a value may hold any character of Latin-1 that ends no line.
_HEAD = re.compile(
    r"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\.1\r\n"
    r"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\r\n\0\u0100-\U0010ffff]*\r\n)*\r\n"
)
_LENGTHLESS = frozenset(("GET", "HEAD", "OPTIONS"))


class HttpConnection:
    """A connection, not yet open, and the answer that it read last."""

    def __init__(self, address: Address, tls: Tls) -> None:
        self._host = address.authority
        self._connection: HTTPConnection = (
            HTTPSConnection(
                address.dial,
                address.port,
                ca_certs=tls.ca_bundle or None,
                cert_file=tls.certificate or None,
                key_file=tls.key or None,
                server_hostname=address.host,
            )
            if address.scheme == "https"
            else HTTPConnection(address.dial, address.port)
        )
        self.answer: ResponseReader | None = None

    @property
    def alive(self) -> bool:
        """Whether another request can go out: open, and nothing came that nobody asked for."""
        return self._connection.is_connected

    @property
    def started(self) -> bool:
        """Whether a single byte came back on the last request."""
        return self.answer is not None and self.answer.started

    def leftover(self) -> bytes:
        """What came on the idle connection that nobody asked for; it is of no use afterwards.

        A server may say that it waited too long (408; RFC 9112, 9.5), which is none.
        """
        sock = self._connection.sock
        if sock is None:
            return b""
        with contextlib.suppress(OSError, ValueError):
            sock.settimeout(0)
            data: bytes = sock.recv(_SHOWN)
            return b"" if _TIMED_OUT.match(data) else data.strip(b"\r\n")
        return b""

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.close()

    def connect(self, bounds: Bounds) -> tuple[Fate, str] | None:
        """Open the connection if need be; what went wrong, or None."""
        if self._connection.sock is not None:
            return None
        try:
            self._connection.timeout = bounds.left()
            self._connection.connect()
        except NewConnectionError as error:  # a ConnectTimeoutError too, although no time ran out
            return "refused", _reason(error)
        except (ConnectTimeoutError, TimeoutError):
            return "timeout", "no connection within the time limit"
        except ssl.SSLError as error:
            return "malformed", f"no TLS: {getattr(error, 'verify_message', '') or error.reason or error}"
        except OSError as error:
            return "refused", _reason(error)
        return None

    def refusal(self, seconds: float) -> str:
        """Why the other side does not want the secured connection after all, or the empty string.

        In TLS 1.3 a server looks at our certificate when we have long been content with its own. It has so
        many seconds to say so.
        """
        sock = self._connection.sock
        if not isinstance(sock, ssl.SSLSocket) or sock.version() != "TLSv1.3":
            return ""
        try:
            sock.settimeout(seconds)
            sock.recv(1)
        except ssl.SSLError as error:
            return "" if isinstance(error, TimeoutError) else str(error.reason or error)
        except OSError:
            return ""
        return ""

    def exchange(self, request: Request, bounds: Bounds) -> tuple[Fate, str]:
        """Send a request and read the answer into `answer`; how it ended and, if badly, why.

        Raises ValueError for a request that HTTP/1.1 can not carry.
        """
        self.answer = None
        data = self._written(request)
        failed = self.connect(bounds)
        if failed is not None:
            return failed
        sock = self._connection.sock
        # Not http.client's own reader: it would forgive, decode, regroup headers and log odd ones.
        answer = self.answer = ResponseReader(sock, request.method, bounds)
        broken = ""
        try:
            sock.settimeout(bounds.left())
            try:
                sock.sendall(data)
            except (BrokenPipeError, ConnectionResetError) as error:
                # A server may refuse and close before it has read all; what it answered counts.
                broken = _reason(error)
            answer.begin()
        except TimeoutError:
            return "timeout", self._progress("no complete answer within the time limit")
        except MalformedError as error:
            return "malformed", str(error)
        except OversizedError as error:
            return "oversized", str(error)
        except OSError as error:
            return "dropped", self._progress(broken or _reason(error))
        return "answered", ""

    def _progress(self, text: str) -> str:
        answer = self.answer
        if answer is None or not answer.status:
            return text
        return f"{text}, after status {answer.status} and {answer.received} bytes of body"

    def _written(self, request: Request) -> bytes:
        """Head and body in one piece: two small packets would wake the server twice."""
        names = {name.lower() for name, _ in request.headers}
        lines = [f"{request.method} {request.path or '/'} HTTP/1.1"]
        if "host" not in names:
            lines.append(f"Host: {self._host}")
        lines += [f"{name}: {value}" for name, value in request.headers]
        if not names & {"content-length", "transfer-encoding"} and (
            request.body or request.method not in _LENGTHLESS
        ):
            lines.append(f"Content-Length: {len(request.body)}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        # A colon within a name, or a line within a value, would make another header.
        broken = head.count("\n") != len(lines) + 1 or any(":" in name for name in names)
        if broken or not _HEAD.fullmatch(head):
            raise ValueError(f"HTTP/1.1 can not carry this request: {head[:_SHOWN]!r}")
        return head.encode("latin-1") + request.body


def _reason(error: Exception) -> str:
    """The system's words for an error that urllib3 may have wrapped."""
    cause = error.__cause__ if isinstance(error, HTTPError) and error.__cause__ is not None else error
    return (getattr(cause, "strerror", None) or str(cause)).lower()
