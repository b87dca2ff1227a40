# SPDX-License-Identifier: Apache-2.0
"""`--conformance-observe` changes nothing: what a suite sends, reads and reports is the same without it."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.httpchecksum import AwsChunkedWrapper
from tests.frontends.plugin.repositories import Outcome, Repository

from aws_conformance.cases.compile import contract_of
from aws_conformance.frontends.plugin.bodies import Unread, drain, peek
from aws_conformance.frontends.plugin.request_check import read_request
from aws_conformance.http import Request, Response, header
from aws_conformance.spec.shapes import StringShape
from aws_conformance.targets.server import serve

# What S3 is sent over TLS, with its checksums behind the chunks, noted by a mock that reads as a connection.
_MOCK = """\
import hashlib, io, json, pathlib, threading
import boto3, botocore, pytest
from boto3.s3.transfer import TransferConfig
from botocore import handlers
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber

NOTES = []
KINDS = ("content-length", "content-encoding", "content-md5", "transfer-encoding", "x-amz-content-sha256",
         "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-checksum-crc32",
         "x-amz-sdk-checksum-algorithm")
RESULTS = {
    "uploads": b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
    "uploadId": b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>",
}

class Raw(io.BytesIO):
    def stream(self, *rest, **options):
        yield self.read()

def answer(request, **rest):
    body = request.body
    content = body.read() if hasattr(body, "read") else body or b""
    content = content.encode() if isinstance(content, str) else bytes(content)
    headers = {k.lower(): str(v) for k, v in request.headers.items()}
    text = content.hex() if len(content) < 4096 else hashlib.sha256(content).hexdigest()
    NOTES.append([request.method, request.url, text, [headers.get(kind) for kind in KINDS]])
    query = request.url.partition("?")[2].partition("=")[0] if request.method == "POST" else ""
    result = RESULTS.get(query, b"the object" if request.method == "GET" else b"")
    return AWSResponse(request.url, 200, {"ETag": '"e"', "Content-Length": str(len(result))}, Raw(result))

class OneWay(io.RawIOBase):
    def __init__(self, content): self.inner = io.BytesIO(content)
    def readable(self): return True
    def readinto(self, buffer): return self.inner.readinto(buffer)

class Counting(io.BytesIO):
    def read(self, *size):
        content = super().read(*size)
        NOTES.append(["read", len(content)])
        return content

class Moody(io.BytesIO):
    def tell(self): raise OSError("no position")
    def seek(self, *place): raise OSError("no position")

# One for all, because a session takes its time to read the model of S3.
@pytest.fixture(scope="session")
def s3():
    keys = dict(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
    client = boto3.session.Session(**keys).client("s3", endpoint_url=URL)
    if URL is None:
        client.meta.events.register("before-send", answer)
    return client

@pytest.fixture(autouse=True)
def noted(request):
    NOTES.clear()
    yield
    path = pathlib.Path("notes.json")
    notes = json.loads(path.read_text()) if path.exists() else {}
    notes[request.node.name] = sorted(NOTES, key=str) if "upload" in request.node.name else list(NOTES)
    path.write_text(json.dumps(notes))
"""
_SUITE = """\
import io, os, pathlib, threading
import pytest
from boto3.s3.transfer import TransferConfig
from conftest import NOTES, Counting, Moody, OneWay

SMALL = b"some content \\x00\\xff" * 9
LARGE = os.urandom(0) + bytes(range(256)) * 4 * 1024 * 11  # 11 MiB: three parts

@pytest.fixture
def file(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(LARGE)
    return path

BODIES = {
    "bytes": lambda: SMALL,
    "empty": lambda: b"",
    "text": lambda: "text \\u00e9",
    "bytearray": lambda: bytearray(SMALL),
    "memoryview": lambda: memoryview(SMALL),
    "buffer": lambda: io.BytesIO(SMALL),
    "one_way": lambda: OneWay(SMALL),
    "counting": lambda: Counting(SMALL),
    "moody": lambda: Moody(SMALL),
    "generator": lambda: (SMALL for _ in range(2)),
    "text_buffer": lambda: io.StringIO("text"),
}

@pytest.mark.parametrize("body", BODIES)
def test_put_object(s3, body):
    try:
        s3.put_object(Bucket="bucket", Key="key", Body=BODIES[body]())
    except Exception as error:
        NOTES.append([type(error).__name__])

@pytest.mark.parametrize("mode", ["rb", "r+b", "r"])
@pytest.mark.parametrize("buffering", [-1, 0])
def test_put_file(s3, tmp_path, mode, buffering):
    if mode == "r" and buffering == 0:
        return
    path = tmp_path / "small"
    path.write_bytes(b"text of a file" * 1000)
    with path.open(mode, buffering) as file:
        file.seek(7)
        try:
            s3.put_object(Bucket="bucket", Key="key", Body=file)
        except Exception as error:
            NOTES.append([type(error).__name__])
        NOTES.append([file.tell()])

def test_a_checksum_of_ones_own(s3):
    s3.put_object(Bucket="bucket", Key="key", Body=SMALL, ChecksumAlgorithm="SHA256")

@pytest.mark.parametrize("threads", [False, True])
def test_upload_file(s3, file, threads):
    progress = []
    config = TransferConfig(use_threads=threads, multipart_chunksize=5 << 20)
    s3.upload_file(str(file), "bucket", "key", Callback=progress.append, Config=config)
    NOTES.append(["progress", sum(progress)])
    if not threads:
        NOTES.append(["progress", progress])

@pytest.mark.parametrize("size", [10, len(LARGE)])
@pytest.mark.parametrize("kind", [io.BytesIO, OneWay])
def test_upload_fileobj(s3, size, kind):
    progress = []
    config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    s3.upload_fileobj(kind(LARGE[:size]), "bucket", "key", Callback=progress.append, Config=config)
    NOTES.append(["progress", sum(progress)])

def test_get_object(s3):
    body = s3.get_object(Bucket="bucket", Key="key")["Body"]
    NOTES.append([body.read(3).decode(), body.read().decode()])

def test_download_fileobj(s3):
    into = io.BytesIO()
    s3.download_fileobj("bucket", "key", into)
    NOTES.append([into.getvalue().decode()])
"""
_KEYS = "KEYS = dict(aws_access_key_id='a', aws_secret_access_key='b', region_name='us-east-1')\n"


class _Store:
    """A server that takes whatever S3 is sent, and keeps the bytes."""

    def __init__(self) -> None:
        self.bodies: list[tuple[str, str, bytes, str | None]] = []

    def handle(self, request: Request) -> Response:
        query = request.path.partition("?")[2].partition("=")[0] if request.method == "POST" else ""
        sha = header(request.headers, "x-amz-content-sha256")
        self.bodies.append((request.method, request.path, request.body, sha))
        texts = {
            "uploads": b"<InitiateMultipartUploadResult><UploadId>u</UploadId>"
            b"</InitiateMultipartUploadResult>",
            "uploadId": b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>",
        }
        body = texts.get(query, b"the object" if request.method == "GET" else b"")
        return Response(200, (("ETag", '"e"'), ("Content-Type", "application/xml")), body)


def _notes(repository: Repository) -> Any:
    path = repository.root / "notes.json"
    notes = json.loads(path.read_text("utf-8"))
    path.unlink()
    return notes


def test_what_is_sent_is_the_same_byte_for_byte(repository: Repository) -> None:
    repository.write(conftest="URL = None\n" + _MOCK, test_own=_SUITE)
    plain = repository.pytest()
    assert plain.exit == 0, plain.text
    expected = _notes(repository)
    observed = repository.pytest("--conformance-observe")
    assert (observed.exit, observed.counts) == (0, plain.counts), observed.text
    assert _notes(repository) == expected
    # The chunks and the checksum behind them are part of what was compared.
    assert any(
        "x-amz-checksum-crc32:" in bytes.fromhex(notes[2]).decode("latin-1")
        for notes in expected["test_put_object[bytes]"]
    )
    reasons = observed.text.partition("aws-conformance: observed")[2]
    assert "calls to s3 (a body of the type s3transfer.utils.ReadFileChunk)" in reasons
    assert "our mistake" not in reasons, reasons


def test_what_a_server_gets_is_the_same_byte_for_byte(repository: Repository) -> None:
    store = _Store()
    with serve(store.handle) as server:
        repository.write(conftest=f"URL = {server.url!r}\n" + _MOCK, test_own=_SUITE)
        plain = repository.pytest()
        assert plain.exit == 0, plain.text
        expected, notes = sorted(store.bodies, key=str), _notes(repository)
        store.bodies.clear()
        observed = repository.pytest("--conformance-observe")
    assert (observed.exit, observed.counts) == (0, plain.counts), observed.text
    assert sorted(store.bodies, key=str) == expected
    assert _notes(repository) == notes
    assert sum(len(body) for _, _, body, _ in expected) > 40 * 1024 * 1024


class _Counting(io.BytesIO):
    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        type(self).reads += 1
        return super().read(size)


def test_a_body_is_looked_at_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    raw = io.BytesIO(b"0123456789")
    with path.open("rb") as buffered, path.open("r+b") as both, path.open("rb", 0) as bare:
        for file in (raw, buffered, both, bare):
            file.seek(4)
            assert peek(file) == b"456789"
            assert file.tell() == 4
    assert peek(AwsChunkedWrapper(raw)) == b"456789"
    assert raw.tell() == 4
    assert [peek(body) for body in (None, b"a", "é", bytearray(b"a"), memoryview(b"a"))] == [
        b"", b"a", "é".encode(), b"a", b"a",
    ]  # fmt: skip


def test_what_may_notice_is_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"text")
    counting = _Counting(b"text")
    generator = (part for part in [b"text"])
    inlet, outlet = os.pipe()
    os.write(outlet, b"text")
    with path.open() as text, os.fdopen(inlet, "rb") as pipe, path.open("ab", 0) as unreadable:
        whys = [
            peek(body) for body in (counting, AwsChunkedWrapper(counting), generator, text, pipe, unreadable)
        ]
        os.close(outlet)
        assert pipe.read() == b"text"
        assert text.tell() == 0
    assert counting.reads == 0
    assert list(generator) == [b"text"]
    assert [why.why if isinstance(why, Unread) else why for why in whys] == [
        f"a body of the type {__name__}._Counting",
        f"a body of the type {__name__}._Counting",
        "a body of the type builtins.generator",
        "a body in text mode",
        "a stream that can be read once",
        "a body that can't be read: UnsupportedOperation",
    ]


def test_a_large_file_is_not_held_in_memory() -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(17 * 1024 * 1024)
        assert peek(file) == Unread("a file of more than 16 MiB")
        assert file.tell() == 0


@pytest.mark.parametrize(
    "body",
    [
        lambda: io.BytesIO(b"text"),
        lambda: io.StringIO("text"),
        lambda: (part for part in [b"te", b"xt"]),
        lambda: memoryview(b"text"),
        lambda: AwsChunkedWrapper(io.BytesIO(b"text")),
    ],
)
def test_a_stub_reads_what_a_connection_would(body: Callable[[], Any]) -> None:
    assert drain(body()) in (b"text", b"4\r\ntext\r\n0\r\n\r\n")


def test_a_streamed_answer_of_requests_is_left_to_the_caller(repository: Repository, faulty_url: str) -> None:
    repository.write(
        test_own=(
            "import requests\n"
            "HEADERS = {'X-Amz-Target': 'AWSCognitoIdentityProviderService.ListUserPools',\n"
            "           'Content-Type': 'application/x-amz-json-1.1'}\n"
            "def post(**options):\n"
            f"    return requests.post({faulty_url!r}, headers=HEADERS, **options)\n"
            "def test_streamed():\n"
            "    assert b'__type' in post(data=b'{\"MaxResults\": 1}', stream=True).raw.read()\n"
            "def test_generator():\n"
            "    assert post(data=(part for part in [b'{\"MaxResults\"', b': 1}'])).status_code == 411\n"
        )
    )
    for arguments in ((), ("--conformance-observe",)):
        done = repository.pytest(*arguments)
        assert (done.exit, done.counts) == (0, {"passed": 2}), done.text
    assert "Not validated: 1 call to cognito-idp (an answer that is streamed)" in done.text
    assert "Not validated: 1 call to cognito-idp (a body of the type builtins.generator)" in done.text


_EVENTS = (
    _KEYS
    + """\
import boto3, io, struct
from binascii import crc32
from botocore.awsrequest import AWSResponse

def event(**headers):
    names = b"".join(
        bytes([len(name)]) + name.encode() + b"\\x07" + struct.pack("!H", len(value)) + value.encode()
        for name, value in headers.items()
    ).replace(b"_", b":").replace(b".", b"-")
    prelude = struct.pack("!II", len(names) + 16, len(names))
    message = prelude + struct.pack("!I", crc32(prelude)) + names
    return message + struct.pack("!I", crc32(message))

FIRST = event(**{"_message.type": "event", "_event.type": "initial.response"})

class Raw(io.BytesIO):
    def stream(self, *rest, **options):
        yield self.read()

def answer(request, **rest):
    kind = {"Content-Type": "application/vnd.amazon.eventstream", "x-amzn-RequestId": "1"}
    return AWSResponse(request.url, 200, kind, Raw(FIRST))

def test_events():
    client = boto3.client("logs", **KEYS)
    client.meta.events.register("before-send", answer)
    group = "arn:aws:logs:us-east-1:123456789012:log-group:a"
    assert list(client.start_live_tail(logGroupIdentifiers=[group])["responseStream"]) == []
    assert list(client.start_live_tail(logGroupIdentifiers=["?"])["responseStream"]) == []
"""
)


def test_an_event_stream_is_not_malformed_json(repository: Repository) -> None:
    repository.write(test_own=_EVENTS)
    done = repository.pytest("--conformance-observe")
    assert done.exit == 0, done.text
    assert "2 AWS calls, 0 validated\n" in done.text
    assert "Not validated: 2 calls to logs (an event stream)" in done.text
    assert "The target's faults: 0 errors, 0 warnings, 0 notes" in done.text
    # Its request is judged all the same.
    assert "Invalid requests of the suite itself: in 1 test" in done.text


_CALLS = (
    _KEYS
    + """\
import boto3, requests, responses
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber

class Raw:
    def stream(self, *rest, **options):
        yield b"{}"

KIND = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "1"}
def answer(request, **rest):
    return AWSResponse(request.url, 200, KIND, Raw())

def start(client):
    return client.start_user_import_job(UserPoolId="us-east-1_abc", JobId="import-a")

def test_sent():
    client = boto3.client("cognito-idp", **KEYS)
    client.meta.events.register("before-send", answer)
    assert start(client)["ResponseMetadata"]["HTTPStatusCode"] == 200

def test_stubbed():
    client = boto3.client("cognito-idp", **KEYS)
    with Stubber(client) as stubber:
        stubber.add_response("start_user_import_job", {})
        start(client)

@responses.activate
def test_requests():
    url = "https://cognito-idp.us-east-1.amazonaws.com/"
    responses.post(url, body="{}", headers={"x-amzn-RequestId": "1"}, content_type=KIND["Content-Type"])
    headers = {**KIND, "X-Amz-Target": "AWSCognitoIdentityProviderService.StartUserImportJob"}
    assert requests.post(url, '{"UserPoolId": "us-east-1_abc", "JobId": "import-a"}', headers=headers).ok
"""
)
_BREAK = """\
from aws_conformance.frontends.plugin import call_check, observe, patches

def broken(*arguments, **options):
    raise LookupError("planted secret")

{name} = broken
"""


def _broken(repository: Repository, name: str, *arguments: str) -> tuple[Outcome, str]:
    repository.write(conftest=_BREAK.format(name=name), test_own=_CALLS)
    done = repository.pytest("--conformance-observe", *arguments)
    summary = done.text.partition("aws-conformance: observed")[2]
    assert (done.exit, done.counts) == (0, {"passed": 3}), done.text
    assert "planted secret" not in done.text
    return done, summary


@pytest.mark.parametrize(
    ("name", "validated", "services"),
    [
        # before-call; before-send; response-received, and the answer of requests; after-call
        ("patches._streams", 1, {"an unknown service": 2}),
        ("patches.urlsplit", 0, {"cognito-idp": 2, "an unknown service": 1}),
        ("patches.Response", 1, {"cognito-idp": 2}),
        ("patches._BotocoreWatch._tell", 1, {"cognito-idp": 2}),
        ("patches.is_for_aws", 2, {"an unknown service": 1}),
        ("patches.peek", 0, {"cognito-idp": 2, "an unknown service": 1}),
        ("call_check.route", 2, {"an unknown service": 1}),
        ("call_check.contract_of", 0, {"cognito-idp": 2, "an unknown service": 1}),
        ("call_check.read_request", 0, {"cognito-idp": 2, "an unknown service": 1}),
        ("call_check.judge", 1, {"cognito-idp": 1, "an unknown service": 1}),
    ],
)
def test_a_mistake_of_ours_is_counted_and_never_felt(
    repository: Repository, name: str, validated: int, services: dict[str, int]
) -> None:
    _, summary = _broken(repository, name)
    assert f"3 AWS calls, {validated} validated" in summary
    for service, number in services.items():
        calls = f"{number} call{'' if number == 1 else 's'}"
        assert f"Not validated: {calls} to {service} (our mistake: LookupError in conftest.py:4)" in summary


@pytest.mark.parametrize(
    ("name", "arguments", "line"),
    [
        ("observe.SuiteObserver._settle", (), "6 failures of pytest_runtest_makereport (our mistake: Lookup"),
        ("patches.suppress", (), "1 failure of pytest_sessionfinish (our mistake: LookupError"),
        ("observe.summary", (), "1 failure of pytest_terminal_summary (our mistake: LookupError"),
        ("observe.Observations.plain", ("-n2",), "2 failures of a worker of xdist, which told nothing"),
        (
            "observe.Observations.add",
            ("-n2",),
            "2 failures of pytest_testnodedown (our mistake: LookupError",
        ),
    ],
)
def test_a_hook_of_pytest_that_fails_is_counted(
    repository: Repository, name: str, arguments: tuple[str, ...], line: str
) -> None:
    _, summary = _broken(repository, name, *arguments)
    assert f"Findings may be missing: {line}" in summary


_WRONG = """\
import pytest
from test_own import KEYS, answer, boto3

client = boto3.client("cognito-idp", **KEYS)
client.meta.events.register("before-send", answer)

def wrong(pool="not a pool", job="import-a"):
    return client.start_user_import_job(UserPoolId=pool, JobId=job)

wrong()

@pytest.fixture
def job(): return wrong()
def test_wrong(): wrong()
def test_wrong_in_its_fixture(job): pass
def test_fails(): wrong(); assert 0
@pytest.mark.xfail
def test_fails_as_expected(): wrong(); assert 0
@pytest.mark.xfail(strict=True)
def test_passes_unexpectedly(): wrong()
def test_skipped(): wrong(); pytest.skip("no")
@pytest.fixture
def broken(): wrong(); raise KeyError
def test_error(broken): pass
"""


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_report_changes_no_outcome_and_tells_all(repository: Repository, workers: str) -> None:
    repository.write(test_own=_CALLS, test_wrong=_WRONG)
    plain = repository.pytest()
    done = repository.pytest("--conformance-observe", workers)
    assert (done.exit, done.counts) == (plain.exit, plain.counts)
    results, _, summary = done.text.partition("aws-conformance: observed")
    assert "request pattern" not in results
    assert "Invalid requests of the suite itself: in 7 tests" in summary
    assert "\n    cognito-idp:StartUserImportJob   request pattern   error\n" in summary
    assert "AWS          refuses it: Member must satisfy regular expression pattern" in summary
    # Of two workers, each of which is a process to start, a single test has work for one.
    workers = workers.replace("2", "1")
    passing = repository.pytest("--conformance-observe", workers, "-k", "test_wrong_in_its_fixture")
    assert (passing.exit, passing.counts["passed"]) == (0, 1)
    assert "Invalid requests outside of any test:" in passing.text
    failing = repository.pytest("--conformance-observe=fail", workers, "-k", "test_wrong_in_its_fixture")
    assert (failing.exit, failing.counts["failed"]) == (1, 1)


_MANY = """\
import json, requests, responses
import pytest, test_wrong
from aws_conformance.spec.botocore import service_names

for _ in range(22):
    test_wrong.wrong()

URL = "https://{}.us-east-1.amazonaws.com/"

@responses.activate
def test_a_request_of_many_faults():
    kind = "application/x-amz-json-1.1"
    responses.post(URL.format("cognito-idp"), "{}", content_type=kind, headers={"x-amzn-RequestId": "1"})
    headers = {"X-Amz-Target": "AWSCognitoIdentityProviderService.CreateUserPoolClient", "Content-Type": kind}
    document = {"UserPoolId": "?", "ClientName": "", "ExplicitAuthFlows": ["A", "B"]}
    document["RefreshTokenValidity"] = -1
    requests.post(URL.format("cognito-idp"), json.dumps(document), headers=headers)

@pytest.mark.parametrize("n", range(23))
def test_many(n):
    test_wrong.wrong()

@responses.activate
def test_answers():
    kind = "application/x-amz-json-1.1"
    text = json.dumps({"UserImportJob": {}, **{f"Member{n}": 1 for n in range(25)}})
    responses.post(URL.format("cognito-idp"), text, content_type=kind, headers={"x-amzn-RequestId": "1"})
    headers = {"X-Amz-Target": "AWSCognitoIdentityProviderService.StartUserImportJob", "Content-Type": kind}
    document = '{"UserPoolId": "us-east-1_abc", "JobId": "import-a"}'
    requests.post(URL.format("cognito-idp"), document, headers=headers)

@responses.activate
def test_reasons():
    names = [name for name in service_names() if not "." in name and name[:1] in "abi"][:60]
    for name in names:
        responses.get(URL.format(name))
        requests.get(URL.format(name), data=(part for part in [b""]))
"""


def test_lists_that_are_cut_say_how_much_more_there_is(repository: Repository) -> None:
    repository.write(test_own=_CALLS, test_wrong=_WRONG, test_many=_MANY)
    done = repository.pytest("--conformance-observe", "test_many.py")
    assert done.exit == 0, done.text
    lines = done.text.partition("aws-conformance: observed")[2].splitlines()
    assert [line for line in lines if line.lstrip().startswith("and ")] == [
        "and 40 more reasons",
        "    and 3 more faults",
        "  and 4 more tests",
        "  and 3 more faults",
        "  and 9 more faults",
    ]


def test_names_that_are_cut_say_how_much_more_there_is() -> None:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "TrentService.CreateKey"))
    contract = contract_of("kms")
    intake = read_request(contract, Request("POST", "/", headers, b'{"KeySpec": "X"}'))
    shape = contract.service.shapes["KeySpec"]
    assert isinstance(shape, StringShape)
    assert intake.faults[0].expected.endswith(f" and {len(shape.enum) - 12} more")
    assert intake.faults[0].expected.count(",") == 11
