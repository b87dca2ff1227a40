# SPDX-License-Identifier: Apache-2.0
"""Libraries that stand between a client and the wire: responses, vcrpy, pytest-socket."""

import functools
import json

import boto3
import pytest

requests = pytest.importorskip("requests")
responses = pytest.importorskip("responses")

URL = "https://cognito-idp.us-east-1.amazonaws.com/"
HEADERS = {
    "X-Amz-Target": "AWSCognitoIdentityProviderService.StartUserImportJob",
    "Content-Type": "application/x-amz-json-1.1",
}


@functools.cache
def dynamodb():
    return boto3.session.Session().client("dynamodb")


def post(pool="us-east-1_abc"):
    return requests.post(URL, json.dumps({"UserPoolId": pool, "JobId": "import-a"}), headers=HEADERS)


@responses.activate
@pytest.mark.parametrize("pool", ["us-east-1_abc", "not a pool"])
def test_responses(pool):
    responses.post(URL, body="{}", content_type=HEADERS["Content-Type"])
    assert post(pool).json() == {}


@responses.activate
def test_a_client_while_responses_is_active():
    answer = dynamodb().get_item(TableName="table", Key={"id": {"S": "a"}})
    assert answer["Item"]


@responses.activate
def test_responses_refuses_what_it_was_not_told():
    with pytest.raises(requests.exceptions.ConnectionError, match="refused by Responses"):
        post()


def test_vcr(tmp_path):
    vcr = pytest.importorskip("vcr")
    recorded = {
        "version": 1,
        "interactions": [
            {
                "request": {"method": "POST", "uri": URL, "body": "", "headers": {}},
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {"Content-Type": [HEADERS["Content-Type"]]},
                    "body": {"string": '{"UserImportJob": {}}'},
                },
            }
        ],
    }
    (tmp_path / "cassette.json").write_text(json.dumps(recorded))
    with vcr.use_cassette(
        str(tmp_path / "cassette.json"), serializer="json", record_mode="none", match_on=["method", "uri"]
    ) as cassette:
        assert post().json() == {"UserImportJob": {}}
    assert cassette.play_count == 1


def test_vcr_and_a_client(tmp_path):
    vcr = pytest.importorskip("vcr")
    recorded = {
        "version": 1,
        "interactions": [
            {
                "request": {"method": "POST", "uri": URL, "body": "", "headers": {}},
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {"Content-Type": [HEADERS["Content-Type"]]},
                    "body": {"string": '{"UserImportJob": {"Status": "Pending"}}'},
                },
            }
        ],
    }
    (tmp_path / "cassette.json").write_text(json.dumps(recorded))
    with vcr.use_cassette(
        str(tmp_path / "cassette.json"), serializer="json", record_mode="none", match_on=["method", "uri"]
    ):
        client = boto3.session.Session().client("cognito-idp")
        answer = client.start_user_import_job(UserPoolId="us-east-1_abc", JobId="import-a")
    assert answer["UserImportJob"]["Status"] == "Pending"


def test_socket():
    socket = pytest.importorskip("pytest_socket")
    socket.disable_socket()
    try:
        answer = dynamodb().get_item(TableName="table", Key={"id": {"S": "a"}})
        assert answer["Item"]
        with pytest.raises(socket.SocketBlockedError):
            requests.get("http://127.0.0.1:9/")
    finally:
        socket.enable_socket()
