# SPDX-License-Identifier: Apache-2.0
"""The built wheel in a repository of somebody else's: all four ways, without our source tree in sight."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.frontends.plugin.repositories import Repository, outside

_ROOT = Path(__file__).resolve().parents[3]
_PACKAGE = _ROOT / "conformance" / "aws_conformance"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def _run(*words: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        list(map(str, words)),
        cwd=cwd,
        env=outside(),
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that nothing is left in the source tree."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(_ROOT / name, source)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(_ROOT / "conformance", source / "conformance", ignore=ignored)
    out = tmp_path_factory.mktemp("wheel")
    # Where the build requirement is installed, no network is needed.
    new_enough = int(version("setuptools").partition(".")[0]) >= 77
    alone = ["--no-build-isolation"] if new_enough else []
    command = ["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", *alone]
    _run(sys.executable, *command, "--wheel-dir", out, source)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="session")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of a fresh environment with the wheel; what it depends on comes from the running one."""
    root = tmp_path_factory.mktemp("environment")
    venv.create(root, with_pip=False)
    interpreter = root / ("Scripts" if os.name == "nt" else "bin") / "python"
    shared = root / "dependencies"
    shared.mkdir()
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        # Our own editable install stays out, and so does all that would lead to the source tree.
        if not entry.name.startswith(("aws_conformance", "__editable__", "__pycache__")):
            (shared / entry.name).symlink_to(entry)
    site = Path(_run(interpreter, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").strip())
    (site / "dependencies.pth").write_text(f"{shared}\n", "utf-8")
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    _run(sys.executable, "-m", "pip", "--python", interpreter, "install", *options, wheel)
    return str(interpreter)


@pytest.fixture
def elsewhere(tmp_path: Path, python: str) -> Repository:
    """A repository with an app, its tests, and a folder `conformance` that has nothing to do with us."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "imports"\nversion = "1"\n'
        '[tool.pytest.ini_options]\npythonpath = ["."]\nfilterwarnings = ["error"]\n'
        'addopts = ["--strict-markers", "--strict-config"]\n'
        '[tool.aws-conformance]\ntarget = "reference"\nmax-examples = 4\n',
        "utf-8",
    )
    repository = Repository(tmp_path, python)
    repository.put("conformance/__init__.py", "NAME = 'the folder of somebody else'\n")
    repository.put(
        "app.py",
        (
            "import botocore.session\n"
            "def client(**options):\n"
            "    keys = dict(aws_access_key_id='a', aws_secret_access_key='b')\n"
            "    session = botocore.session.get_session()\n"
            "    options = {'region_name': 'us-east-1', **keys, **options}\n"
            "    return session.create_client('cognito-idp', **options)\n"
            "def start(client, pool, job):\n"
            "    answer = client.start_user_import_job(UserPoolId=pool, JobId=job)\n"
            "    return answer['UserImportJob']['Status']\n"
        ),
    )
    repository.put(
        "tests/test_where.py",
        (
            "import sys\n"
            "import aws_conformance, conformance\n"
            "def test_where():\n"
            "    assert conformance.NAME == 'the folder of somebody else'\n"
            "    assert aws_conformance.__file__.startswith(sys.prefix)\n"
            f"    assert not [path for path in sys.path if path.startswith({str(_ROOT / 'conformance')!r})]\n"
        ),
    )
    return repository


def test_the_wheel_holds_all_files(wheel: Path) -> None:
    there = {
        path.relative_to(_PACKAGE.parent).as_posix()
        for path in _PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = archive.read(next(name for name in names if name.endswith("entry_points.txt")))
    assert there - names == set()
    assert "aws_conformance/py.typed" in names
    assert b"[pytest11]\naws_conformance = aws_conformance.pytest_plugin" in entry_points
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"aws_conformance"}


def test_the_first_way_items(elsewhere: Repository) -> None:
    done = elsewhere.pytest("--conformance", "cognito-idp:StartUserImportJob", "-v")
    assert done.exit == 0, done.text
    # The repository's own test, and all phases; chance finds no case that is not among the enumerated ones.
    assert done.counts == {"passed": 3, "skipped": 1}
    assert "cognito-idp::StartUserImportJob::enumerated PASSED" in done.text


def test_the_first_way_gated_by_a_baseline(elsewhere: Repository, faulty_url: str) -> None:
    phases = ("--conformance-phase", "enumerated,random")
    words = ("--conformance", "cognito-idp:StartUserImportJob", "--conformance-target", faulty_url, *phases)
    assert elsewhere.pytest(*words, "-m", "conformance").counts == {
        "failed": 1,
        "skipped": 1,
        "deselected": 1,
    }
    (elsewhere.root / "known.yaml").write_text(
        f"version: 1\nviolations:\n  - target: {faulty_url}\n    operation: cognito-idp:StartUserImportJob\n"
        '    check: response.timestamp.form\n    place: "$.UserImportJob.CreationDate"\n'
        "    reason: it is being mended\n",
        "utf-8",
    )
    done = elsewhere.pytest(*words, "--conformance-baseline", "known.yaml")
    assert done.counts == {"passed": 2, "skipped": 1}, done.text


def test_the_second_way_in_code(elsewhere: Repository) -> None:
    elsewhere.put(
        "tests/test_cases.py",
        (
            "import aws_conformance\n"
            "from app import start\n"
            "operation = aws_conformance.operation('cognito-idp', 'StartUserImportJob')\n"
            "@operation.cases(kinds=['negative', 'positive'])\n"
            "def test_case(case, conformance_target):\n"
            "    conformance_target.check(case)\n"
            "@operation.cases(kinds=['positive'])\n"
            "def test_app(case, conformance_target):\n"
            "    document = case.document(conformance_target.bindings(case))\n"
            "    client = conformance_target.client('cognito-idp')\n"
            "    assert start(client, document['UserPoolId'], document['JobId']) == 'Pending'\n"
        ),
    )
    done = elsewhere.pytest()
    assert done.exit == 0, done.text
    assert done.counts["passed"] > 10
    assert set(done.counts) == {"passed"}


def test_the_third_way_observe(elsewhere: Repository, faulty_url: str) -> None:
    elsewhere.put(
        "tests/test_app.py",
        (
            "import pytest\n"
            "from app import client, start\n"
            "from botocore.awsrequest import AWSResponse\n"
            "class Raw:\n"
            '    def stream(self, **options): yield b\'{"UserImportJob": {"Status": "Pending"}}\'\n'
            "def answer(request, **rest):\n"
            "    kind = {'Content-Type': 'application/x-amz-json-1.1'}\n"
            "    return AWSResponse(request.url, 200, kind, Raw())\n"
            "@pytest.mark.parametrize('pool', ['us-east-1_abc', 'my pool'])\n"
            "def test_app(pool):\n"
            "    own = client()\n"
            "    own.meta.events.register('before-send', answer)\n"
            "    assert start(own, pool, 'import-a') == 'Pending'\n"
        ),
    )
    assert elsewhere.pytest().counts == {"passed": 3}
    done = elsewhere.pytest("--conformance-observe")
    assert done.counts == {"passed": 3}, done.text
    assert "suite itself: in 1 test\n  tests/test_app.py::test_app[my pool]\n" in done.text
    done = elsewhere.pytest("--conformance-observe=fail")
    assert done.counts == {"passed": 2, "failed": 1}, done.text
    assert "FAILED tests/test_app.py::test_app[my pool] - The test sent an invalid request" in done.text


def test_the_fourth_way_stubs(elsewhere: Repository) -> None:
    elsewhere.put(
        "tests/test_stub.py",
        (
            "import pytest\n"
            "from app import client, start\n"
            "def test_stub(conformance_stub):\n"
            "    own = client()\n"
            "    output = {'UserImportJob': {'Status': 'InProgress'}}\n"
            "    conformance_stub.pin('cognito-idp', 'StartUserImportJob', output)\n"
            "    assert start(own, 'us-east-1_abc', 'import-a') == 'InProgress'\n"
            "    conformance_stub.fail('cognito-idp', 'StartUserImportJob', 'NotAuthorizedException')\n"
            "    with pytest.raises(own.exceptions.NotAuthorizedException):\n"
            "        start(own, 'us-east-1_abc', 'import-a')\n"
        ),
    )
    done = elsewhere.pytest("-m", "not conformance")
    assert done.counts == {"passed": 2}, done.text


def test_what_a_project_adds(elsewhere: Repository, python: str, reference_url: str) -> None:
    """A check, a provider, hooks and an expectation of an installed package, by its entry point."""
    elsewhere.put(
        "acme.py",
        (
            "import dataclasses, json, pathlib\n"
            "import aws_conformance\n"
            "@aws_conformance.check(\n"
            "    'acme.no-secrets', requirement='A pool has no tags.', severity='warning')\n"
            "def no_tags(answer):\n"
            "    if answer.kind == 'success' and answer.operation.name == 'DescribeUserPool':\n"
            "        yield aws_conformance.Breach(('UserPool',), 'no pool of ours', 'a pool', cause='acme')\n"
            "@aws_conformance.provider('cognito-idp', 'UserPoolId')\n"
            "def pool():\n"
            "    return json.loads(pathlib.Path('pool.json').read_text())\n"
            "@aws_conformance.before_request\n"
            "def tenant(request):\n"
            "    return request.with_headers([('X-Acme-Tenant', 'planted-tenant')])\n"
            "@aws_conformance.after_response\n"
            "def note(exchange):\n"
            "    with open('seen.txt', 'a') as file:\n"
            "        file.write(f'{exchange.response.status} {exchange.request.headers!r}\\n')\n"
            "aws_conformance.expectation(\n"
            "    'json', keyword='pattern', earns='unknown', evidence='Acme says so.')\n"
        ),
    )
    elsewhere.put("acme-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    elsewhere.put("acme-1.dist-info/entry_points.txt", "[aws_conformance.checks]\nacme = acme\n")
    elsewhere.put(
        "pool.py",
        (
            "import json, pathlib, sys\n"
            "import botocore.session\n"
            "from aws_conformance.reference import ACCESS_KEY, SECRET_KEY\n"
            "keys = dict(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)\n"
            "session = botocore.session.get_session()\n"
            "client = session.create_client('cognito-idp', 'us-east-1', endpoint_url=sys.argv[1], **keys)\n"
            "pool = client.create_user_pool(PoolName='acme')['UserPool']['Id']\n"
            "pathlib.Path('pool.json').write_text(json.dumps(pool))\n"
        ),
    )
    _run(python, "pool.py", reference_url, cwd=elsewhere.root)
    done = _run(
        python,
        "-m",
        "aws_conformance",
        "run",
        "cognito-idp:DescribeUserPool",
        "--target",
        reference_url.removeprefix("http://"),
        # Histories need pools of their own.
        "--phase",
        "enumerated,random",
        "--report",
        "ndjson=run.ndjson",
        cwd=elsewhere.root,
    )
    assert "acme.no-secrets" in done
    report = (elsewhere.root / "run.ndjson").read_text("utf-8")
    assert "planted-tenant" not in report
    seen = (elsewhere.root / "seen.txt").read_text("utf-8")
    assert "200 " in seen
    assert "planted-tenant" not in seen
    # The pool is the project's: none was created.
    assert ".DescribeUserPool'" in seen
    assert ".CreateUserPool'" not in seen
    listed = _run(python, "-m", "aws_conformance", "checks", cwd=elsewhere.root)
    assert re.search(r"^acme\.no-secrets +warning +DOC +A pool has no tags\.$", listed, re.MULTILINE)
