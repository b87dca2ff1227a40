# SPDX-License-Identifier: Apache-2.0
"""`--conformance-observe`: suites that know nothing of us, with every AWS call that they make validated."""

from __future__ import annotations

import json

import pytest
from tests.frontends.plugin.repositories import Repository

# A mock in the manner of moto: a handler of before-send that all sessions get, and that answers in-process.
_MOCK = """\
import pytest
from botocore import handlers
from botocore.awsrequest import AWSResponse

ANSWER = [200, b"{}"]

class Raw:
    def stream(self, **options):
        yield ANSWER[1]

def answer(request, **rest):
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "1"}
    return AWSResponse(request.url, ANSWER[0], headers, Raw())

handlers.BUILTIN_HANDLERS.append(("before-send", answer))

@pytest.fixture
def answering():
    def set_answer(status, body):
        ANSWER[:] = [status, body]
    yield set_answer
    ANSWER[:] = [200, b"{}"]
"""
_CLIENT = """\
import json, threading
import botocore.session, pytest
from botocore.stub import Stubber

def client(service="cognito-idp", **options):
    keys = dict(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
    return botocore.session.get_session().create_client(service, **keys, **options)

def start(pool="us-east-1_abc", **options):
    return client(**options).start_user_import_job(UserPoolId=pool, JobId="import-a")
"""


@pytest.fixture
def suite(repository: Repository) -> Repository:
    """A repository whose suite mocks AWS in its own process."""
    repository.write(conftest=_MOCK)
    return repository


def test_the_suites_own_invalid_request_fails_its_test(suite: Repository) -> None:
    suite.write(
        test_own=_CLIENT
        + "def test_right(): start()\n"
        + "def test_wrong(): start('not a pool')\n"
        + "@pytest.fixture\ndef job(): return start('no pool')\n"
        + "def test_wrong_in_its_fixture(job): pass\n"
        + "def test_wrong_in_a_thread():\n"
        + "    thread = threading.Thread(target=start, args=('nor this',)); thread.start(); thread.join()\n"
    )
    plain = suite.pytest()
    assert plain.counts == {"passed": 4}
    assert "aws-conformance: observed" not in plain.text
    done = suite.pytest("--conformance-observe=fail", "-W", "error", "--strict-markers")
    assert done.exit == 1
    assert done.counts == {"passed": 1, "failed": 3}, done.text
    assert "FAILED test_own.py::test_wrong - The test sent an invalid request" in done.text
    assert "cognito-idp:StartUserImportJob   request pattern   error" in done.text
    assert r"expected     a text of the pattern [\w-]+_[0-9a-zA-Z]+      got  " + '"not a pool"' in done.text
    assert "AWS          refuses it: Member must satisfy regular expression pattern" in done.text
    # The mock took what AWS refuses: that is its own fault, said at the end.
    assert (
        "error  cognito-idp:StartUserImportJob  request.invalid.accepted  (request /UserPoolId" in done.text
    )


def test_a_refusal_that_a_test_expects_is_no_failure(suite: Repository) -> None:
    suite.write(
        test_own=_CLIENT
        + 'REFUSED = b\'{"__type": "InvalidParameterException", "message": "bad pool"}\'\n'
        + 'UNKNOWN = b\'{"__type": "ResourceNotFoundException", "message": "no pool"}\'\n'
        + "def test_deliberate(answering):\n"
        + "    answering(400, REFUSED)\n"
        + "    with pytest.raises(client().exceptions.ClientError): start('not a pool')\n"
        + "def test_refused_by_chance(answering):\n"
        + "    answering(400, UNKNOWN)\n"
        + "    with pytest.raises(client().exceptions.ClientError): start('not a pool')\n"
        + "def test_fails_by_itself(answering):\n"
        + "    answering(400, REFUSED)\n"
        + "    start('not a pool')\n"
    )
    done = suite.pytest("--conformance-observe=fail")
    assert done.counts == {"passed": 1, "failed": 2}, done.text
    assert "FAILED test_own.py::test_refused_by_chance - The test sent an invalid request" in done.text
    # A failure of the test's own keeps its traceback and gets the finding beside it.
    assert "FAILED test_own.py::test_fails_by_itself - botocore" in done.text
    assert done.text.count("request pattern   error") == 2
    assert "refused as AWS refuses them, taken for deliberate: 2" in done.text


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_the_targets_faults_are_summed_up(suite: Repository, workers: str) -> None:
    suite.write(
        test_own=_CLIENT
        + "@pytest.mark.parametrize('n', range(3))\n"
        + "def test_own(n, answering):\n"
        + '    answering(200, b\'{"UserImportJob": {"CreationDate": "2026-01-01T00:00:00Z", "Extra": 1}}\')\n'
        + "    start()\n"
    )
    done = suite.pytest("--conformance-observe", workers)
    assert done.exit == 0
    assert done.counts == {"passed": 3}
    assert "3 AWS calls, 3 validated of 1 operation" in done.text
    assert "The target's faults: 1 error, 1 warning, 0 notes" in done.text
    assert "3 times, first in test_own.py::test_own[" in done.text
    if workers != "-n0":
        return
    failed = suite.pytest("--conformance-observe=fail")
    assert failed.exit == 1
    assert failed.counts == {"failed": 3}, failed.text
    assert "response.timestamp.form   error   [PROTOCOL]" in failed.text
    # A warning fails nothing.
    assert "response.member.unknown   warning" not in failed.text


def test_real_traffic_is_seen_too(repository: Repository, faulty_url: str) -> None:
    from aws_conformance.reference import ACCESS_KEY, SECRET_KEY

    repository.write(
        test_own=(
            "import botocore.session\n"
            f"KEYS = dict(aws_access_key_id={ACCESS_KEY!r}, aws_secret_access_key={SECRET_KEY!r})\n"
            "def test_own():\n"
            "    session = botocore.session.get_session()\n"
            "    client = session.create_client('cognito-idp', region_name='us-east-1',\n"
            f"                                   endpoint_url={faulty_url!r}, **KEYS)\n"
            "    pool = client.create_user_pool(PoolName='own')['UserPool']['Id']\n"
            "    assert client.describe_user_pool(UserPoolId=pool)['UserPool']['Name'] == 'own'\n"
        )
    )
    done = repository.pytest("--conformance-observe=fail", "test_own.py")
    assert done.exit == 0, done.text
    assert "2 AWS calls, 2 validated of 2 operations" in done.text


def test_requests_are_seen_with_and_without_responses(repository: Repository, faulty_url: str) -> None:
    repository.write(
        test_own=(
            "import json, requests, responses\n"
            "URL = 'https://cognito-idp.us-east-1.amazonaws.com/'\n"
            "HEADERS = {'X-Amz-Target': 'AWSCognitoIdentityProviderService.StartUserImportJob',\n"
            "           'Content-Type': 'application/x-amz-json-1.1'}\n"
            "def post(document, url=URL): return requests.post(url, json.dumps(document), headers=HEADERS)\n"
            "@responses.activate\n"
            "def test_mocked():\n"
            "    kind = 'application/x-amz-json-1.1'\n"
            "    responses.post(URL, body='{}', content_type=kind, headers={'x-amzn-RequestId': '1'})\n"
            "    assert post({'UserPoolId': 5, 'JobId': 'import-a'}).status_code == 200\n"
            "def test_sent():\n"
            f"    assert post({{}}, {faulty_url!r}).status_code == 400\n"
            "def test_not_for_aws():\n"
            f"    requests.get({faulty_url!r} + '/health')\n"
        )
    )
    done = repository.pytest("--conformance-observe=fail")
    assert "FAILED test_own.py::test_mocked - The test sent an invalid request" in done.text, done.text
    assert "expected     a string      got  5" in done.text
    assert "2 AWS calls, 2 validated" in done.text


def test_what_a_stubber_answers_is_seen(suite: Repository) -> None:
    suite.write(
        test_own=_CLIENT
        + "def test_own():\n"
        + "    own = client()\n"
        + "    with Stubber(own) as stubber:\n"
        + "        stubber.add_response('start_user_import_job', {'UserImportJob': {'Status': 'Invented'}})\n"
        + "        own.start_user_import_job(UserPoolId='us-east-1_abc', JobId='import-a')\n"
    )
    done = suite.pytest("--conformance-observe")
    assert done.exit == 0
    assert "1 AWS call, 1 validated of 1 operation" in done.text
    assert "response.enum.value  $.UserImportJob.Status: expected one of Created" in done.text


def test_other_protocols_are_validated_as_well(suite: Repository) -> None:
    suite.write(
        test_own=_CLIENT
        + "def test_own(answering):\n"
        + "    answering(200, b'<ListAllMyBucketsResult/>')\n"
        + "    client('s3').list_buckets(); client('s3').list_buckets()\n"
    )
    done = suite.pytest("--conformance-observe")
    assert done.exit == 0
    assert "2 AWS calls, 2 validated of 1 operation" in done.text


def test_secrets_of_a_suite_are_not_shown(suite: Repository) -> None:
    suite.write(
        test_own=_CLIENT
        + "def test_own():\n"
        + "    client().sign_up(ClientId='abc', Username='a', Password='planted secret \\u00e9 ' * 30)\n"
    )
    for mode in ("report", "fail"):
        done = suite.pytest(f"--conformance-observe={mode}")
        assert done.counts == {"passed" if mode == "report" else "failed": 1}
        assert "got  (a sensitive value)" in done.text
        summary = done.text.partition("aws-conformance: observed")[2]
        assert "planted secret" not in summary


def test_a_call_outside_of_any_test_fails_the_session_in_mode_fail(suite: Repository) -> None:
    suite.write(test_own=_CLIENT + "start('not a pool')\ndef test_own(): pass\n")
    for mode, code in (("report", 0), ("fail", 1)):
        done = suite.pytest(f"--conformance-observe={mode}")
        assert (done.exit, done.counts) == (code, {"passed": 1})
        assert "Invalid requests outside of any test:" in done.text


def test_what_is_allowed_fails_nothing(suite: Repository) -> None:
    """A marker, the configuration and a baseline, each for findings of its own; and the report of all."""
    answers = {
        "configured": '{"UserImportJob": {"CreationDate": "2026-01-01T00:00:00Z"}}',
        "known": '{"UserImportJob": {"JobName": 5}}',
        "neither": '{"UserImportJob": {"JobId": 5}}',
    }
    suite.write(
        test_own=_CLIENT
        + "@pytest.mark.conformance(allow='cognito-idp:Start* request.pattern')\n"
        + "def test_marked(): start('not a pool')\n"
        + "@pytest.mark.conformance(allow=['request.enum', 'sqs:*'])\n"
        + "def test_marked_for_others(): start('no pool')\n"
        + "".join(
            f"def test_{name}(answering): answering(200, {answer.encode()!r}); start()\n"
            for name, answer in answers.items()
        )
    )
    (suite.root / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\n[tool.aws-conformance]\n"
        "observe-allow = ['response.timestamp.form', 'cognito-idp:StartUserImportJob request.invalid.*']\n",
        "utf-8",
    )
    (suite.root / "known.yaml").write_text(
        "version: 1\nviolations:\n  - target: reference\n    operation: cognito-idp:StartUserImportJob\n"
        '    check: response.body.type\n    place: "$.UserImportJob.JobName"\n    reason: being mended\n',
        "utf-8",
    )
    words = ("--conformance-observe=fail", "--conformance-baseline", "known.yaml", "--strict-markers")
    done = suite.pytest(*words, "--conformance-observe-report", "seen.json")
    assert done.counts == {"passed": 3, "failed": 2}, done.text
    for name in ("test_marked_for_others", "test_neither"):
        assert f"FAILED test_own.py::{name} - " in done.text
    report = json.loads((suite.root / "seen.json").read_text("utf-8"))
    assert report["calls"] == report["validated"] == 5
    assert sorted(report["invalid_requests"]) == ["test_own.py::test_marked_for_others"]
    assert report["allowed"] == {
        "cognito-idp:StartUserImportJob request.pattern, by a marker": 1,
        "cognito-idp:StartUserImportJob request.invalid.accepted, by configuration": 2,
        "cognito-idp:StartUserImportJob response.timestamp.form, by configuration": 1,
        "cognito-idp:StartUserImportJob response.body.type, by the baseline": 1,
    }
    assert {fault["severity"] for fault in report["target_faults"]} >= {"error"}


def test_words_that_allow_nothing_are_reported(suite: Repository) -> None:
    suite.write(test_own="import pytest\n@pytest.mark.conformance(allow=5)\ndef test_own(): pass\n")
    done = suite.pytest("--conformance-observe=fail")
    assert done.exit == 4
    assert "test_own.py::test_own: 5 allows nothing" in done.text
    assert suite.pytest("--conformance-observe").exit == 0


def test_what_a_forked_child_sends_is_its_tests(suite: Repository) -> None:
    suite.write(
        test_own=_CLIENT
        + "import os\n"
        + "def test_own():\n"
        + "    child = os.fork()\n"
        + "    if not child:\n"
        + "        try: start('not a pool')\n"
        + "        finally: os._exit(0)\n"
        + "    assert os.waitpid(child, 0)[1] == 0\n"
        + "def test_other(): start()\n"
    )
    done = suite.pytest("--conformance-observe=fail")
    assert done.counts == {"passed": 1, "failed": 1}, done.text
    assert "FAILED test_own.py::test_own - The test sent an invalid request" in done.text
    assert "2 AWS calls, 2 validated of 1 operation" in done.text


def test_expected_failures_and_the_ini_setting(suite: Repository) -> None:
    (suite.root / "pytest.ini").write_text("[pytest]\nconformance_observe = loud\n", "utf-8")
    suite.write(test_own="def test_own(): pass")
    assert "conformance_observe is 'loud'" in suite.pytest().text
    (suite.root / "pytest.ini").write_text("[pytest]\nconformance_observe = report\n", "utf-8")
    suite.write(test_own=_CLIENT + "@pytest.mark.xfail\ndef test_own():\n    start(); assert 0\n")
    done = suite.pytest()
    assert done.exit == 0
    assert "1 AWS call, 1 validated" in done.text


# What botocore's own parser raises on, as it is or behind an answer that botocore tries again.
_UNREADABLE = """
from botocore.parsers import ResponseParserError

@pytest.mark.parametrize("service, operation, answers", [
    ("iam", "list_users", [(200, b"<ListUsersResponse")]),
    ("iam", "list_users", [(500, b""), (200, b"<ListUsersResponse")]),
    ("sts", "get_caller_identity", [(200, b"{}")]),
    ("sqs", "list_queues", [(200, b'{"QueueUrls": 5}')]),
    ("cognito-idp", "list_groups", [(200, b'{"Groups": [{"CreationDate": "soon"}]}')]),
])
def test_own(service, operation, answers, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    own = client(service)
    def next_answer(request, **rest):
        ANSWER[:] = answers.pop(0)
    own.meta.events.register_first("before-send", next_answer)
    words = {"list_groups": {"UserPoolId": "us-east-1_abc"}}
    with pytest.raises((ResponseParserError, TypeError, ValueError)):
        getattr(own, operation)(**words.get(operation, {}))
    assert answers == []
"""


def test_an_answer_that_botocore_can_not_read_is_judged(suite: Repository) -> None:
    suite.write(test_own="from conftest import ANSWER\n" + _CLIENT + _UNREADABLE)
    done = suite.pytest("--conformance-observe", "--conformance-observe-report", "seen.json")
    assert (done.exit, done.counts) == (0, {"passed": 5}), done.text
    report = json.loads((suite.root / "seen.json").read_text("utf-8"))
    assert (report["calls"], report["validated"], report["mistakes"]) == (6, 6, {})
    errors = [fault["text"] for fault in report["target_faults"] if fault["severity"] == "error"]
    assert {tuple(text.split()[:2]) for text in errors} == {
        ("cognito-idp:ListGroups", "response.timestamp.form"),
        ("iam:ListUsers", "response.body.malformed"),
        ("iam:ListUsers", "server.crash"),
        ("sqs:ListQueues", "response.body.type"),
        ("sts:GetCallerIdentity", "response.body.malformed"),
    }


def test_a_call_that_was_never_sent_is_none(suite: Repository) -> None:
    suite.write(
        test_own=_CLIENT
        + "def test_own(monkeypatch):\n"
        + "    own = client()\n"
        + "    def refuse(**rest): raise KeyError('a signer of its own')\n"
        + "    own.meta.events.register('before-sign', refuse)\n"
        + "    with pytest.raises(KeyError): own.list_user_pools(MaxResults=1)\n"
    )
    done = suite.pytest("--conformance-observe=fail")
    assert done.counts == {"passed": 1}, done.text
    assert "0 AWS calls, 0 validated" in done.text
