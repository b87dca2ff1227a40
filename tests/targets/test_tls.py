# SPDX-License-Identifier: Apache-2.0
"""TLS that is odd: certificates that nobody should take, handshakes that end or hang, servers that speak
something else. Each is told in one line that says what to do, within the time limit, and never exit 0.

Certificates are made by openssl when the tests run, so that no key is in the repository.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aws_conformance.cli import main

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make certificates")

RUN = (
    "run",
    "cognito-idp:GetCSVHeader",
    "--phase",
    "enumerated",
    "--effort",
    "quick",
    "--request-timeout",
    "1",
)
# Seconds; whoever waits for what never comes waits longer.
LONGEST = 240.0
AUTHORITY = """\
[ca]
default_ca = ours
[ours]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[names]
subjectAltName = {names}
"""
Handler = Callable[[socket.socket], None]


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def _certificate(folder: Path, name: str, names: str, end: str) -> Path:
    """A file with a self-signed certificate of these names that ends then, and its key."""
    (folder / "index").write_text("", "utf-8")
    (folder / "serial").write_text("01\n", "utf-8")
    (folder / "config").write_text(AUTHORITY.format(folder=folder, names=names), "utf-8")
    key, request, certificate = (str(folder / f"{name}.{kind}") for kind in ("key", "request", "crt"))
    _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ours", "-keyout", key, "-out", request)
    words = ["-config", str(folder / "config"), "-extensions", "names", "-notext", "-batch", "-selfsign"]
    words += ["-startdate", "20200101000000Z", "-enddate", end, "-keyfile", key]
    _openssl("ca", *words, "-in", request, "-out", certificate)
    both = folder / f"{name}.pem"
    both.write_text(Path(certificate).read_text("utf-8") + Path(key).read_text("utf-8"), "utf-8")
    return both


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("certificates")
    return {
        "right": _certificate(folder, "right", "IP:127.0.0.1", "20991231235959Z"),
        "expired": _certificate(folder, "expired", "IP:127.0.0.1", "20200201000000Z"),
        "elsewhere": _certificate(folder, "elsewhere", "DNS:elsewhere.example.com", "20991231235959Z"),
    }


@contextlib.contextmanager
def _listening(handle: Handler) -> Iterator[int]:
    """A port at which each connection is handed to a function, in a thread of its own."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def answer(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(LONGEST)
                handle(connection)

        def listen() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            listener.join()


def _secured(certificate: Path, handle: Handler, **options: object) -> Handler:
    """A server of TLS, which goes on with a function once there is a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    for name, value in options.items():
        setattr(context, name, value)

    def secure(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            handle(secured)

    return secure


def _answer(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def _half_an_answer(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2")


def _nothing(connection: socket.socket) -> None:
    connection.recv(65_536)


def _silence(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def _garbage(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(range(40)))


def _words(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def _alert(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")


def _told(capsys: pytest.CaptureFixture[str], code: int, began: float) -> str:
    """The line in which a run without a target is told."""
    lines = capsys.readouterr().err.strip().splitlines()
    assert code == 3, lines
    assert len(lines) == 1, lines
    assert time.monotonic() - began < LONGEST
    return lines[0]


@pytest.mark.parametrize(
    ("name", "trusted", "says"),
    [
        ("right", False, "self.signed certificate"),
        ("expired", True, "certificate has expired"),
        ("expired", False, "self.signed certificate|expired"),
        ("elsewhere", True, "IP address mismatch|doesn't match"),
    ],
)
def test_a_certificate_that_does_not_vouch_for_the_target_ends_the_run(
    certificates: dict[str, Path], name: str, trusted: bool, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = ["--ca-bundle", str(certificates[name])] if trusted else []
    began = time.monotonic()
    with _listening(_secured(certificates[name], _answer)) as port:
        line = _told(capsys, main([*RUN, "--target", f"https://127.0.0.1:{port}", *bundle]), began)
    assert line.startswith("error: ")
    assert re.search(says, line)


@pytest.mark.parametrize(
    "handle", [_nothing, _garbage, _words, _alert, _silence], ids=lambda handle: handle.__name__.lstrip("_")
)
def test_a_handshake_that_comes_to_nothing_ends_the_run(
    handle: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    with _listening(handle) as port:
        _told(capsys, main([*RUN, "--target", f"https://127.0.0.1:{port}"]), began)


def test_a_server_of_old_versions_alone_ends_the_run(
    certificates: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    began, bundle = time.monotonic(), ["--ca-bundle", str(certificates["right"])]
    with pytest.warns(DeprecationWarning, match="TLSVersion.TLSv1_1"):
        old = _secured(certificates["right"], _answer, maximum_version=ssl.TLSVersion.TLSv1_1)
    with _listening(old) as port:
        _told(capsys, main([*RUN, "--target", f"https://127.0.0.1:{port}", *bundle]), began)


def test_a_server_that_wants_our_certificate_ends_the_run(
    certificates: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """In TLS 1.3 it says so only when it is asked something."""
    bundle, began = str(certificates["right"]), time.monotonic()
    wanting = _secured(certificates["right"], _answer, verify_mode=ssl.CERT_REQUIRED)
    with _listening(wanting) as port:
        code = main([*RUN, "--target", f"https://127.0.0.1:{port}", "--ca-bundle", bundle])
        line = _told(capsys, code, began)
    assert "--client-certificate" in line


def test_a_connection_that_is_cut_once_it_is_secured_is_the_targets_fault(
    certificates: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = ["--ca-bundle", str(certificates["right"])]
    with _listening(_secured(certificates["right"], _half_an_answer)) as port:
        assert main([*RUN, "--target", f"https://127.0.0.1:{port}", *bundle, "-v"]) in (1, 4)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.out + captured.err
    assert "dropped" in captured.out


def test_tls_at_a_plain_address_is_no_success(
    certificates: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    with _listening(_secured(certificates["right"], _answer)) as port:
        assert main([*RUN, "--target", f"http://127.0.0.1:{port}"]) in (1, 3, 4)
    assert "Traceback" not in capsys.readouterr().err
