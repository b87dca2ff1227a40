# SPDX-License-Identifier: Apache-2.0
"""Transcripts as lines and as scripts: literal text, and that bash and Python can read it.

The scripts are read, not run: what they do on a target is the stateful phase's to prove.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from aws_conformance.reproduce.scripts import aws_script, boto3_script
from aws_conformance.reproduce.transcript import Transcript, TranscriptStep, numbered

URL = "http://127.0.0.1:5000"
CSV = 'cognito:username,name\none,Doe\\, "J" it\'s $HOME `x` \\n\ntwo,\n'

POOL = TranscriptStep(
    "request",
    -1,
    operation="CreateUserPool",
    document={"PoolName": 'it\'s "mine" \\ `x`'},
    answer="success",
    saves={"pool": ("UserPool", "Id"), "pool_name": ("UserPool", "Name")},
)
USER = TranscriptStep(
    "request",
    -1,
    operation="AdminCreateUser",
    document={"UserPoolId": "$pool", "TemporaryPassword": "$temporary", "Tags": None},
    answer="success",
)
CREATE = TranscriptStep(
    "request",
    0,
    operation="CreateUserImportJob",
    document={"JobName": "job", "UserPoolId": "$pool"},
    answer='200 {"UserImportJob":{"JobId":"import-1"}}',
    believed="Created",
    saves={
        "job": ("UserImportJob", "JobId"),
        "url_1": ("UserImportJob", "PreSignedUrl"),
        "status": ("UserImportJob", "Status"),
    },
)
PUT = TranscriptStep(
    "put",
    1,
    url="$url_1",
    headers={"x-amz-kind": "aws:kms", "x-note": "it's"},
    body=CSV.encode(),
    title="plain",
    answer="200",
    believed="Created",
)
START = TranscriptStep(
    "request",
    2,
    operation="StartUserImportJob",
    document={"JobId": "$job", "Note": 'it\'s "so" `x` \\'},
    answer="200 {}",
    times=16,
    at_once=True,
)
STOP = replace(START, operation="StopUserImportJob", document={"JobId": "$job"}, times=1)
TIME = TranscriptStep("time", 3, seconds=172800.0, believed="Expired")
PAUSE = TranscriptStep("pause", 4, seconds=0.5)
STEPS = (POOL, USER, CREATE, PUT, START, STOP, TIME, PAUSE)


def _transcript(
    *steps: TranscriptStep, service: str = "cognito-idp", secrets: tuple[str, ...] = ("temporary", "password")
) -> Transcript:
    return Transcript(service, steps, secrets)


def _joined(*parts: str) -> str:
    """A line too long for this file."""
    return " ".join(parts)


def _aws(*steps: TranscriptStep, endpoint: str = URL) -> list[str]:
    """The lines of the steps, without those in front of all."""
    lines = aws_script(_transcript(*steps), "a title", endpoint).split("\n")
    assert lines[0] == "# a title"
    return lines[2:]


def _boto3(*steps: TranscriptStep) -> list[str]:
    """The lines of the steps, without those in front of all."""
    text = boto3_script(_transcript(*steps), "a title", URL, "us-east-1")
    return text[text.index("    print(method, ") :].split("\n")[1:]


# As lines.


def test_a_transcript_as_numbered_lines() -> None:
    assert numbered(_transcript(*STEPS)) == (
        r"""1. CreateUserPool {"PoolName": "it's \"mine\" \\ `x`"} → success""",
        _joined(
            '2. AdminCreateUser {"UserPoolId": "$pool", "TemporaryPassword": "$temporary", "Tags": null}',
            "→ success",
        ),
        _joined(
            '3. CreateUserImportJob {"JobName": "job", "UserPoolId": "$pool"}',
            '→ 200 {"UserImportJob":{"JobId":"import-1"}}   [Created]',
        ),
        "4. PUT plain (59 bytes) to $url_1 → 200   [Created]",
        _joined(
            r"""5. StartUserImportJob {"JobId": "$job", "Note": "it's \"so\" `x` \\"}""",
            "(16 at once) → 200 {}",
        ),
        '6. StopUserImportJob {"JobId": "$job"} (1 at once) → 200 {}',
        "7. time moves by 172800 s   [Expired]",
        "8. wait 0.5 s",
    )


def test_numbers_are_aligned() -> None:
    lines = numbered(_transcript(*[PAUSE] * 10))
    assert (lines[0], lines[8], lines[9]) == (" 1. wait 0.5 s", " 9. wait 0.5 s", "10. wait 0.5 s")
    assert numbered(_transcript()) == ()


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("200 " + "x" * 596, "200 " + "x" * 596),
        ("200 " + "x" * 597, "200 " + "x" * 593 + "..."),
        # A long text within the answer is cut, so that the rest is seen.
        ('{"a":"%s","b":"c"}' % ("x" * 48), '{"a":"%s","b":"c"}' % ("x" * 48)),
        ('{"a":"%s","b":"c"}' % ("x" * 49), '{"a":"%s...","b":"c"}' % ("x" * 48)),
        ('{"a":"%s","b":"c"}' % ("\\n" * 49), '{"a":"%s...","b":"c"}' % ("\\n" * 48)),
    ],
    ids=["as long as it may be", "too long", "a text as long as it may be", "a long text", "escapes"],
)
def test_answers_are_cut(answer: str, shown: str) -> None:
    step = TranscriptStep("request", 0, operation="GetUser", document={}, answer=answer)
    assert numbered(_transcript(step)) == (f"1. GetUser {{}} → {shown}",)


def test_inputs_are_cut_and_shown_in_their_own_letters() -> None:
    step = TranscriptStep("request", 0, operation="GetUser", document={"Näme": "x" * 400}, answer="200 {}")
    (line,) = numbered(_transcript(step))
    shown = '{"Näme": "' + "x" * 387 + "..."
    assert line == f"1. GetUser {shown} → 200 {{}}"
    assert len(shown) == 400


# As lines of the `aws` command.


def test_a_transcript_as_lines_of_the_aws_command() -> None:
    assert aws_script(_transcript(*STEPS), "job: a title", URL).split("\n# ") == [
        f"# job: a title\nENDPOINT_URL={URL}\ntemporary='Aa1!'\"$(date +%s%N)\"",
        # The name of the pool is not used, so it is not saved.
        _joined(
            "1\nread -r pool < <(aws cognito-idp create-user-pool",
            r"""--cli-input-json '{"PoolName":"it'"'"'s \"mine\" \\ `x`"}'""",
            """--endpoint-url "$ENDPOINT_URL" --query '[UserPool.Id]' --output text)
echo "CreateUserPool: $pool\"""",
        ),
        _joined(
            "2\naws cognito-idp admin-create-user --cli-input-json",
            r'''"{\"UserPoolId\":\"$pool\",\"TemporaryPassword\":\"$temporary\",\"Tags\":null}"''',
            '--endpoint-url "$ENDPOINT_URL"',
        ),
        _joined(
            "3\nread -r job url_1 < <(aws cognito-idp create-user-import-job",
            r"""--cli-input-json "{\"JobName\":\"job\",\"UserPoolId\":\"$pool\"}" """.rstrip(),
            '--endpoint-url "$ENDPOINT_URL"',
            "--query '[UserImportJob.JobId,UserImportJob.PreSignedUrl]' --output text)\n"
            'echo "CreateUserImportJob: $job $url_1"',
        ),
        _joined(
            "4\nprintf '%s' 'cognito:username,name\none,Doe\\, \"J\" it'\\''s $HOME `x` \\n\ntwo,\n'",
            "| curl -sS -X PUT -H 'x-amz-kind: aws:kms'",
            """-H 'x-note: it'"'"'s' --data-binary @- "$url_1\"""",
        ),
        _joined(
            "5\nfor _ in $(seq 16); do aws cognito-idp start-user-import-job --cli-input-json",
            r'''"{\"JobId\":\"$job\",\"Note\":\"it's \\\"so\\\" \`x\` \\\\\"}"''',
            '--endpoint-url "$ENDPOINT_URL" & done',
        ),
        # Only then are all of them waited for.
        _joined(
            "6\nfor _ in $(seq 1); do aws cognito-idp stop-user-import-job --cli-input-json",
            r'''"{\"JobId\":\"$job\"}"''',
            '--endpoint-url "$ENDPOINT_URL" & done\nwait',
        ),
        _joined(
            '7\ncurl -sS -X POST "$ENDPOINT_URL/_aws-conformance/advance"',
            """--data-binary '{"seconds": 172800.0}'""",
        ),
        "8\nsleep 0.5",
    ]


@pytest.mark.parametrize("endpoint", [URL, "$ENDPOINT_URL"])
def test_bash_can_read_it(endpoint: str) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    text = aws_script(_transcript(*STEPS), "a title", endpoint)
    done = subprocess.run([bash, "-n"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _run(script: str) -> str:
    bash = shutil.which("bash")
    assert bash is not None
    return subprocess.run([bash, "-c", script], capture_output=True, check=True).stdout.decode("utf-8")


def test_bash_puts_the_very_bytes_of_a_file() -> None:
    script = aws_script(_transcript(PUT), "a title", URL)
    # What is sent is shown, instead of sending it.
    assert _run(f"curl() {{ cat; }}\nurl_1=x\n{script}") == CSV


def test_bash_passes_the_very_document_with_the_values_of_variables() -> None:
    document: dict[str, Any] = {
        "JobId": "$job",
        # What looks like a variable or a command is a text all the same.
        "Note": 'it\'s "so" `x` \\ ! $(echo RAN) $5 $USD $jobs',
        "More": ["$job", 1, None, True, "ü\n"],
    }
    step = replace(START, document=document, at_once=False)
    script = aws_script(_transcript(step, secrets=("job",)), "a title\ntouch /nowhere", URL)
    shown = _run(f"date() {{ echo 7; }}\naws() {{ printf '%s' \"$4\"; }}\n{script}")
    # No answer gave the variable: it was made up.
    invented = "Aa1!7"
    assert json.loads(shown) == {**document, "JobId": invented, "More": [invented, *document["More"][1:]]}


def test_bash_takes_from_an_answer_what_later_steps_need() -> None:
    answers = "aws() { case $2 in create-user-pool) echo pool-1;; create-*) printf 'job-1\\turl-1\\n';; "
    answers += '*) echo $2 $4;; esac; }\ncurl() { echo put to "${@: -1}"; }\n'
    script = aws_script(_transcript(POOL, CREATE, PUT, STOP), "a title", URL)
    assert _run(answers + script).split("\n") == [
        "CreateUserPool: pool-1",
        "CreateUserImportJob: job-1 url-1",
        "put to url-1",
        'stop-user-import-job {"JobId":"job-1"}',
        "",
    ]


def test_the_address_is_asked_for_where_it_is_not_known() -> None:
    text = aws_script(_transcript(PAUSE), "a title", "$ENDPOINT_URL")
    assert text.split("\n")[1] == 'ENDPOINT_URL="${ENDPOINT_URL:?where the target listens}"'
    text = aws_script(_transcript(PAUSE), "a title", "http://a b:1")
    assert text.split("\n")[1] == "ENDPOINT_URL='http://a b:1'"


def test_services_are_called_as_the_aws_command_calls_them() -> None:
    step = TranscriptStep("request", 0, operation="ListBuckets", document={})
    text = aws_script(_transcript(step, service="s3"), "a title", URL)
    assert shlex.split(text.split("\n")[-1])[:3] == ["aws", "s3api", "list-buckets"]


def test_a_step_of_another_service_is_asked_of_that_service() -> None:
    """What a function needs is a role, which the command of another service makes."""
    step = TranscriptStep("request", 0, operation="iam:CreateRole", document={"RoleName": "a"})
    transcript = _transcript(step, replace(step, at_once=True), service="lambda")
    lines = aws_script(transcript, "a title", URL).split("\n")
    assert shlex.split(lines[3])[:3] == ["aws", "iam", "create-role"]
    lines = boto3_script(transcript, "a title", URL, "us-east-1").split("\n")
    assert "client = connect('lambda')" in lines
    assert "call('create_role', {'RoleName': 'a'}, connect('iam'))" in lines
    assert lines[-2].endswith("args=('create_role', {'RoleName': 'a'}, connect('iam'))).start()")


def test_a_step_in_another_region_is_asked_there() -> None:
    step = TranscriptStep(
        "request", 0, operation="ListQueues", document={}, region="eu-west-3", answer="200 {}"
    )
    transcript = _transcript(step, service="sqs")
    assert numbered(transcript) == ("1. ListQueues {} in eu-west-3 → 200 {}",)
    command = shlex.split(aws_script(transcript, "a title", URL).split("\n")[-1])
    assert command[3:5] == ["--region", "eu-west-3"]
    lines = boto3_script(transcript, "a title", URL, "us-east-1").split("\n")
    assert lines[-1] == "call('list_queues', {}, connect('sqs', 'eu-west-3'))"


# As Python.


def test_a_transcript_as_python_with_boto3() -> None:
    text = boto3_script(_transcript(*STEPS), "a title", URL, "eu-west-1")
    head, _, steps = text.partition("\ntemporary = ")
    assert head.startswith("# a title\nimport ")
    assert f"\nurl = '{URL}'\n" in head
    assert "\ndef connect(service, region='eu-west-1'):\n" in head
    connecting = "    return boto3.client(service, region_name=region, endpoint_url=url, config=config)"
    assert f"\n{connecting}\nclient = connect('cognito-idp')\n" in head
    assert steps.split("\n") == [
        "'Aa1!' + secrets.token_hex(8)",
        "# 1",
        r"""answer = call('create_user_pool', {'PoolName': 'it\'s "mine" \\ `x`'})""",
        "pool = answer['UserPool']['Id']",
        "# 2",
        "call('admin_create_user', {'UserPoolId': pool, 'TemporaryPassword': temporary, 'Tags': None})",
        "# 3",
        "answer = call('create_user_import_job', {'JobName': 'job', 'UserPoolId': pool})",
        "job = answer['UserImportJob']['JobId']",
        "url_1 = answer['UserImportJob']['PreSignedUrl']",
        "# 4",
        f"send('PUT', url_1, {CSV.encode()!r}, {{'x-amz-kind': 'aws:kms', 'x-note': \"it's\"}})",
        "# 5",
        _joined(
            "for _ in range(16): threading.Thread(target=call, args=('start_user_import_job',",
            r"""{'JobId': job, 'Note': 'it\'s "so" `x` \\'})).start()""",
        ),
        "# 6",
        _joined(
            "for _ in range(1): threading.Thread(target=call, args=('stop_user_import_job',",
            "{'JobId': job})).start()",
        ),
        "for one in threading.enumerate()[1:]: one.join()",
        "# 7",
        "send('POST', url + '/_aws-conformance/advance', b'{\"seconds\": 172800.0}')",
        "# 8",
        "time.sleep(0.5)",
    ]


@pytest.mark.parametrize("endpoint", [URL, "$ENDPOINT_URL", "http://it's"])
def test_python_can_read_it_and_knows_every_name(endpoint: str) -> None:
    text = boto3_script(_transcript(*STEPS), "a title", endpoint, "us-east-1")
    tree = ast.parse(text)
    known = set(dir(builtins))
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                known |= {alias.name.partition(".")[0] for alias in names}
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                known.add(name)
            case ast.FunctionDef(name=name) | ast.ExceptHandler(name=str(name)):
                known.add(name)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert used - known == set()


def test_the_address_comes_from_the_environment_where_it_is_not_known() -> None:
    text = boto3_script(_transcript(PAUSE), "a title", "$ENDPOINT_URL", "us-east-1")
    assert "\nurl = os.environ['ENDPOINT_URL']\n" in text


# What both share.


@pytest.mark.parametrize(
    ("steps", "saved"),
    [
        ((POOL, CREATE), ["pool"]),
        ((POOL, CREATE, STOP), ["pool", "job"]),
        # An upload needs its address alone.
        ((POOL, CREATE, PUT), ["pool", "url_1"]),
        ((POOL, CREATE, STOP, PUT), ["pool", "job", "url_1"]),
        ((POOL, PAUSE), []),
        ((CREATE,), []),
    ],
)
def test_a_variable_is_saved_only_if_a_step_needs_it(
    steps: tuple[TranscriptStep, ...], saved: list[str]
) -> None:
    read = [line.partition(" <")[0].split()[2:] for line in _aws(*steps) if line.startswith("read -r ")]
    assert [name for names in read for name in names] == saved
    assert [line.split(" = ")[0] for line in _boto3(*steps) if " = answer[" in line] == saved


def test_what_no_answer_gives_is_invented_once_in_order() -> None:
    secrets = {"Old": "$temporary", "New": ["$password", {"Again": "$temporary"}]}
    step = replace(USER, document={**secrets, "UserPoolId": "$pool"})
    assert aws_script(_transcript(POOL, step, step), "a title", URL).split("\n")[2:5] == [
        "password='Aa1!'\"$(date +%s%N)\"",
        "temporary='Aa1!'\"$(date +%s%N)\"",
        "# 1",
    ]
    assert _boto3(POOL, step, step)[:3] == [
        "password = 'Aa1!' + secrets.token_hex(8)",
        "temporary = 'Aa1!' + secrets.token_hex(8)",
        "# 1",
    ]
    assert _aws(POOL)[0] == "# 1"


def test_nothing_of_an_answer_and_no_secret_is_literal() -> None:
    for text in (
        aws_script(_transcript(*STEPS), "a title", URL),
        boto3_script(_transcript(*STEPS), "a title", URL, "us-east-1"),
    ):
        assert "import-1" not in text
        # What is secret is a variable wherever it is used.
        assert len(re.findall(r"TemporaryPassword\W+temporary\b", text)) == 1


def test_groups_of_requests_at_once_are_waited_for_each_by_itself() -> None:
    steps = (START, STOP, PAUSE, START)
    assert [line for line in _aws(*steps) if line in ("wait", "sleep 0.5")] == ["wait", "sleep 0.5", "wait"]
    joined = [line for line in _boto3(*steps) if "join" in line or "sleep" in line]
    assert [line.partition("(")[0] for line in joined] == [
        "for one in threading.enumerate",
        "time.sleep",
        "for one in threading.enumerate",
    ]


def test_a_step_of_another_service_asks_that_service() -> None:
    network = TranscriptStep(
        "request", -1, operation="ec2:DescribeVpcs", document={}, saves={"vpc": ("Vpcs", "0", "VpcId")}
    )
    group = TranscriptStep("request", 0, operation="CreateTargetGroup", document={"VpcId": "$vpc"})
    transcript = Transcript("elbv2", (network, group))
    shell = aws_script(transcript, "a title", URL)
    assert "aws ec2 describe-vpcs --cli-input-json" in shell
    assert "aws elbv2 create-target-group --cli-input-json" in shell
    lines = boto3_script(transcript, "a title", URL, "us-east-1").splitlines()
    assert "answer = call('describe_vpcs', {}, connect('ec2'))" in lines
    assert "call('create_target_group', {'VpcId': vpc})" in lines
