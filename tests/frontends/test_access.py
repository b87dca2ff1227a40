# SPDX-License-Identifier: Apache-2.0
"""Keys and hosts: whose keys sign, whom a run trusts, where files go, and what a mistake there looks like."""

from __future__ import annotations

import contextlib
import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws_conformance.cli import main
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.frontends.config import Config, plan_from
from aws_conformance.http import Request, Response
from aws_conformance.reference import Reference, Settings
from aws_conformance.reference.settings import AccessKey
from aws_conformance.results.events import Event, OperationFinished
from aws_conformance.targets.address import Tls
from aws_conformance.targets.server import serve

START = "cognito-idp:StartUserImportJob"
KEYS = "[staging]\naws_access_key_id = AKIDSTAGING\naws_secret_access_key = {}\nregion = eu-west-1\n"
SECRET = "a-secret-of-staging"
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_CA_BUNDLE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    (tmp_path / "keys").write_text(KEYS.format(SECRET), "utf-8")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a certificate of 127.0.0.1, its own authority, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ours"
    subprocess.run(
        [
            *command.split(),
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            str(folder / "key"),
            "-out",
            str(folder / "certificate"),
        ],
        check=True,
        capture_output=True,
    )
    file = folder / "both.pem"
    file.write_text(
        (folder / "certificate").read_text("utf-8") + (folder / "key").read_text("utf-8"), "utf-8"
    )
    return file


@contextlib.contextmanager
def _staging(certificate: Path, *, ask_for_certificate: bool = False) -> Iterator[str]:
    """The reference behind TLS; it knows the profile's keys alone."""
    references: list[Reference] = []
    with serve(lambda request: references[0].handle(request)) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if ask_for_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(certificate)
        server._http.socket = context.wrap_socket(server._http.socket, server_side=True)
        url = server.url.replace("http:", "https:")
        keys = (AccessKey("AKIDSTAGING", SECRET, "210987654321"),)
        references.append(Reference(Settings(base_url=url, region="eu-west-1", access_keys=keys)))
        yield url


RUN = ("run", START, "--phase", "enumerated", "--claims", "sigv4", "--max-wait", "1")


@needs_openssl
def test_an_endpoint_with_tls_of_its_own_is_checked_with_the_keys_of_a_profile(
    certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _staging(certificate, ask_for_certificate=True) as url:
        shown = ("--client-certificate", str(certificate), "--report", "ndjson=run.ndjson")
        code = main([*RUN, "--target", url, "--profile", "staging", "--ca-bundle", str(certificate), *shown])
    captured = capsys.readouterr()
    assert code == 0, captured
    written = captured.out + Path("run.ndjson").read_text("utf-8")
    assert SECRET not in written
    assert "AKIDSTAGING" not in written


@needs_openssl
def test_a_preset_says_where_an_emulator_runs_and_where_its_keys_and_certificate_are(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As AWS Emulator writes them: in the user's home, new with each start, 501 for what it lacks."""
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".aws" / "emulator" / "9297"
    folder.mkdir(parents=True)
    shutil.copy(certificate, folder / "ca.pem")
    keys = KEYS.format(SECRET).replace("[staging]", "[default]")
    (folder / "emulator_credentials").write_text(keys, "utf-8")
    monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE")
    with _staging(certificate) as url:
        Path("aws-conformance.toml").write_text(
            f'[presets.stand-in]\nurl = "{url}"\nca-bundle = "~/.aws/emulator/9297/ca.pem"\n'
            'credentials = "~/.aws/emulator/9297/emulator_credentials"\n',
            "utf-8",
        )
        code = main([*RUN, "--target", "stand-in"])
        captured = capsys.readouterr()
        assert code == 0, captured
        assert SECRET not in captured.out
        (folder / "ca.pem").unlink()
        assert main([*RUN, "--target", "stand-in"]) == 2
        assert main(["targets", "doctor", "stand-in"]) == 1
    error = capsys.readouterr().err
    assert f"{folder / 'ca.pem'} is no file" in error
    assert f"missing: {folder / 'ca.pem'} is not there" in error


@needs_openssl
def test_wrong_keys_are_a_single_line_and_exit_3(
    certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("others").write_text(KEYS.format("of-somebody-else"), "utf-8")
    with _staging(certificate) as url:
        files = ("--credentials", "others", "--ca-bundle", str(certificate), "--report", "json=a.json")
        assert main([*RUN, "--target", url, "--profile", "staging", *files]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"{url} refuses our keys: InvalidSignatureException" in error
    assert json.loads(Path("a.json").read_bytes())["exit"] == 3


def test_a_target_that_does_not_know_our_keys_is_asked_nothing_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = b'{"__type": "UnrecognizedClientException", "message": "no such key"}'
    refusal = Response(400, (("Content-Type", "application/x-amz-json-1.1"),), body)
    asked: list[Request] = []

    def refuse(request: Request) -> Response:
        asked.append(request)
        return refusal

    with serve(refuse) as server:
        assert main([*RUN, "--target", server.url]) == 3
    assert len([request for request in asked if request.method == "POST"]) == 1
    error = capsys.readouterr().err
    assert error == (
        f"error: {server.url} refuses our keys: UnrecognizedClientException (no such key). "
        "Give keys that it knows: --profile NAME, or --credentials FILE.\n"
    )


@needs_openssl
def test_tls_that_nobody_vouches_for_is_exit_3(certificate: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with _staging(certificate) as url:
        assert main([*RUN, "--target", url, "--profile", "staging"]) == 3
    error = capsys.readouterr().err
    assert "has no TLS that can be trusted" in error
    assert "--ca-bundle" in error


def _plan(**settings: object) -> Plan:
    return plan_from(Config(**settings), operations=(START,))  # type: ignore[arg-type]


def _keys_of(plan: Plan) -> tuple[str, str, str]:
    return plan.access_key, plan.secret_key, plan.session_token


def test_keys_come_from_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    remote, local = "https://staging.example.com", "http://127.0.0.1:5000"
    assert _keys_of(_plan(target=local)) == ("", "", "")
    plan = _plan(target=local, profile="staging")
    assert (_keys_of(plan), plan.region) == (("AKIDSTAGING", SECRET, ""), "eu-west-1")
    assert _plan(target=local, profile="staging", region="us-west-2").region == "us-west-2"
    assert _keys_of(_plan(target=remote)) == ("", "", "")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-env")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-env")
    assert _keys_of(_plan(target=remote)) == ("AKIDENV", "secret-env", "token-env")
    # What listens on a port of this machine may be anybody's.
    assert _keys_of(_plan(target=local)) == ("", "", "")
    Path("own").write_text("[default]\naws_access_key_id = A\naws_secret_access_key = B\n", "utf-8")
    assert _keys_of(_plan(target=local, credentials="own")) == ("A", "B", "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--profile", "nobody"), "No keys can be had: The config profile (nobody) could not be found."),
        (("--credentials", "absent"), "absent is no file."),
        (("--credentials", "empty"), "empty has no keys."),
        (("--credentials", "."), ". is no file."),
        (("--ca-bundle", "absent"), "absent is no file."),
        (("--ca-bundle", "empty"), "empty holds no certificate"),
        (("--client-certificate", "keys"), "keys holds no certificate"),
        (("--client-key", "keys"), "without its certificate"),
        (("--allow-host", "https://x"), "'https://x' is no host."),
        (("--allow-host", "x:1"), "'x:1' is no host."),
        (("--allow-host", ""), "names no host"),
        (("--allow-upload-to", "x"), "'x' is no HOST:PORT."),
        (("--allow-upload-to", "127.0.0.1:0"), "has the port 0"),
        (("--target", "http://192.0.2.1:80"), "Pass --allow-host 192.0.2.1 if you mean that host"),
    ],
)
def test_a_mistake_is_a_single_line(
    options: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty").touch()
    assert main(["run", START, *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_what_is_named_reaches_the_plan() -> None:
    plan = _plan(allow_hosts=("Staging.Example.com", "[2001:db8::1]"), allow_uploads=("localhost:9000",))
    assert plan.hosts == ("staging.example.com", "2001:db8::1")
    assert plan.uploads == ("localhost:9000",)
    assert plan.tls == Tls()


@pytest.mark.parametrize("allowed", [False, True])
def test_files_are_uploaded_to_the_target_alone_unless_a_place_is_named(allowed: bool) -> None:
    reference = Reference()
    uploads: list[Request] = []

    def stranger(request: Request) -> Response:
        uploads.append(request)
        return reference.handle(request)

    with serve(stranger) as other:

        def target(request: Request) -> Response:
            response = reference.handle(request)
            body = response.body.replace(server.url.encode(), other.url.encode())
            return Response(response.status, response.headers, body)

        with serve(target) as server:
            places = (other.url.removeprefix("http://"),) if allowed else ()
            plan = Plan((START,), UrlTarget(server.url), phases=("enumerated",), uploads=places, max_wait=1.0)
            events: list[Event] = []
            run(plan, events.append)
    (finished,) = (event for event in events if isinstance(event, OperationFinished))
    assert bool(uploads) is allowed
    assert allowed or "--allow-upload-to" in finished.unreached
