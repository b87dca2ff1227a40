# SPDX-License-Identifier: Apache-2.0
"""Emulators by name: their table, the words that name them, the cache they live in, and how they get there.

No test here needs a network: clients are played by functions and by a wheel made on the spot. What needs
real emulators runs where AWS_CONFORMANCE_EMULATORS=1 says that they are installed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from aws_conformance.cli import main
from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import EmbeddedReference, Plan, StartedTarget, UrlTarget
from aws_conformance.errors import ConformanceError, TargetUnreachableError, UsageError
from aws_conformance.frontends.target_words import parse_target
from aws_conformance.targets.installed import (
    CACHE_VARIABLE,
    cache_folder,
    find,
    install,
    installations,
)
from aws_conformance.targets.presets import Preset, parse_requested, presets
from aws_conformance.targets.registries import CLIENTS, Ran, interpreter, run_tool

TABLE = Path(__file__).parents[2] / "conformance" / "aws_conformance" / "data" / "presets.yaml"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, for this test and for whatever process it starts."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return cache_folder()


class Client:
    """Plays pip and npm: installs `version` by making the files that the real ones would."""

    def __init__(
        self, version: str = "5.2.5", *, fails: str | None = None, interrupted: bool = False
    ) -> None:
        self.version = version
        self.fails = fails
        self.interrupted = interrupted
        self.calls: list[list[str]] = []

    def __call__(self, words: Sequence[str], folder: Path) -> Ran:
        self.calls.append(list(words))
        if "venv" in words:
            Path(words[-1], "bin").mkdir()
            return Ran(0)
        if "--dry-run" in words:
            return Ran(0, json.dumps({"install": [{"metadata": {"version": self.version}}]}))
        if "view" in words:
            return Ran(0, f"{self.version}\n")
        (folder / "half-made").write_text("")
        if self.interrupted:
            raise KeyboardInterrupt
        if self.fails is not None:
            return Ran(1, "", self.fails)
        if words[0] == "npm":
            home = folder / "node_modules" / words[-1].partition("@")[0]
            home.mkdir(parents=True)
            (home / "package.json").write_text(json.dumps({"version": self.version}))
        else:
            package = re.split(r"[\[=]", words[-1])[0]
            info = folder / "lib" / "python3.11" / "site-packages" / f"{package}-{self.version}.dist-info"
            info.mkdir(parents=True)
            (info / "METADATA").write_text(f"Name: {package}\nVersion: {self.version}\n")
        return Ran(0)

    @property
    def installs(self) -> list[str]:
        return [words[-1] for words in self.calls if "install" in words and "--dry-run" not in words]


def pretend(cache: Path, *names: str) -> None:
    for name in names:
        (cache / name).mkdir(parents=True)


# The table.


@pytest.mark.parametrize("preset", presets().values(), ids=presets())
def test_a_row_says_all_that_a_start_needs(preset: Preset) -> None:
    texts = [preset.command, *preset.environment.values()]
    assert preset.services
    if preset.url:
        assert preset.note
        return
    assert preset.registry in CLIENTS
    assert any("{root}" in text for text in texts)
    assert any("{port}" in text for text in texts)
    assert {name for text in texts for name in re.findall(r"\{(\w+)\}", text)} <= {"root", "port", "scratch"}
    assert not preset.health or preset.health.startswith("/")
    assert preset.ready_seconds > 0
    assert not any(Path(name).is_absolute() or ".." in Path(name).parts for name in preset.files)


def test_the_table_names_no_place_to_download_from() -> None:
    # pip and npm know from the machine's own configuration.
    texts = re.sub(r"https?://127\.0\.0\.1", "", TABLE.read_text("utf-8"))
    assert "http:" not in texts
    assert "https:" not in texts
    assert tuple(presets())[:3] == ("moto", "ministack", "cognito-local")


@pytest.mark.parametrize(
    ("word", "name", "version", "requirement"),
    [
        ("moto", "moto", "", "moto[server]"),
        ("moto==5.1.11", "moto", "5.1.11", "moto[server]==5.1.11"),
        ("ministack==1.5.33", "ministack", "1.5.33", "ministack==1.5.33"),
        ("cognito-local==5.3.0-beta.1", "cognito-local", "5.3.0-beta.1", "cognito-local@5.3.0-beta.1"),
    ],
)
def test_words(word: str, name: str, version: str, requirement: str) -> None:
    requested = parse_requested(word)
    assert (requested.preset.name, requested.version, str(requested)) == (name, version, word)
    assert requested.preset.requirement(version) == requirement


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("mot", "no emulator named 'mot'. Did you mean moto"),
        ("localstak", "no emulator named 'localstak'. Did you mean localstack"),
        ("moto==", "'' is not a version of moto"),
        ("moto==../../etc", "is not a version of moto"),
        ("moto==1 --index-url=x", "is not a version of moto"),
        ("moto==-5", "'-5' is not a version of moto"),
    ],
)
def test_words_that_name_nothing(word: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        parse_requested(word)


# The cache.


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Path.home() / ".cache" / "aws-conformance" / "targets"),
        ({"XDG_CACHE_HOME": "/caches"}, Path("/caches/aws-conformance/targets")),
        ({"XDG_CACHE_HOME": "relative"}, Path.home() / ".cache" / "aws-conformance" / "targets"),
        ({"XDG_CACHE_HOME": "/caches", CACHE_VARIABLE: "/own"}, Path("/own/targets")),
    ],
)
def test_where_emulators_live(
    environment: dict[str, str], expected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", CACHE_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == expected


def test_versions_are_ordered_as_releases_are(cache: Path) -> None:
    versions = ("1.10.0", "1.9.0", "1.9.0rc1", "1.0", "no version")
    for version in versions:
        (cache / f"moto-{version}").mkdir(parents=True)
    assert tuple(installation.version for installation in installations(cache)) == versions
    assert find(parse_requested("moto==1"), cache).version == "1.0"


def test_an_empty_cache_has_nothing(cache: Path) -> None:
    assert installations(cache) == ()


def test_the_newest_is_first_by_number(cache: Path) -> None:
    pretend(
        cache, "moto-5.1.9", "moto-5.1.12", "moto-5.2.0rc1", "moto-5.2.0", "cognito-local-5.3.0", "other-1"
    )
    pretend(cache, f".making-{os.getpid()}-x")
    assert [str(installation) for installation in installations(cache)] == [
        *("moto==5.2.0", "moto==5.2.0rc1", "moto==5.1.12", "moto==5.1.9"),
        "cognito-local==5.3.0",
    ]


@pytest.mark.parametrize(("word", "version"), [("moto", "5.2"), ("moto==5.1.0", "5.1"), ("moto==5.2", "5.2")])
def test_find(cache: Path, word: str, version: str) -> None:
    pretend(cache, "moto-5.1", "moto-5.2")
    assert find(parse_requested(word), cache).version == version


# Installing.


@pytest.mark.parametrize(
    ("word", "version", "asked"),
    [
        ("moto", "5.2.5", "moto[server]==5.2.5"),
        ("moto==5.1.11", "5.1.11", "moto[server]==5.1.11"),
        ("cognito-local", "5.3.0", "cognito-local@5.3.0"),
    ],
)
def test_install_makes_a_single_folder(cache: Path, word: str, version: str, asked: str) -> None:
    client = Client(version)
    installation = install(parse_requested(word), cache, client)
    assert client.installs == [asked]
    assert installation.root == cache / f"{installation.preset.name}-{version}"
    assert [path.name for path in cache.iterdir()] == [installation.root.name]


def test_installing_again_asks_nobody(cache: Path) -> None:
    install(parse_requested("moto==5.1.11"), cache, Client("5.1.11"))
    again = Client()
    assert install(parse_requested("moto==5.1.11"), cache, again).version == "5.1.11"
    assert again.calls == []


def test_the_newest_is_installed_beside_an_older_version(cache: Path) -> None:
    install(parse_requested("moto==5.1.11"), cache, Client("5.1.11"))
    assert install(parse_requested("moto"), cache, Client("5.2.5")).version == "5.2.5"
    client = Client("5.2.5")
    assert install(parse_requested("moto"), cache, client).version == "5.2.5"
    assert client.installs == []
    assert sorted(path.name for path in cache.iterdir()) == ["moto-5.1.11", "moto-5.2.5"]


@pytest.mark.parametrize(
    ("output", "kind", "message"),
    [
        (
            "ERROR: None (from versions: 1, 2)\nERROR: No matching distribution found for moto==9",
            UsageError,
            "pip finds no moto==9. Leave the version out for the newest.",
        ),
        (
            "ERROR: None (from versions: none)\nERROR: No matching distribution found for moto==9",
            ConformanceError,
            "pip finds no version of moto at all.",
        ),
        ("ERROR: disk full\nmore\n", ConformanceError, "moto==9 could not be installed: ERROR: disk full"),
        ("", ConformanceError, "moto==9 could not be installed: it said nothing"),
    ],
)
def test_a_failed_install_is_a_single_line_and_leaves_nothing(
    cache: Path, output: str, kind: type[ConformanceError], message: str
) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        install(parse_requested("moto==9"), cache, Client(fails=output))
    assert list(cache.iterdir()) == []


def test_npm_tells_an_unknown_version_in_its_own_way(cache: Path) -> None:
    client = Client(fails="npm error code ETARGET\nnpm error notarget No matching version found for x@9.")
    with pytest.raises(UsageError, match="npm finds no cognito-local==9"):
        install(parse_requested("cognito-local==9"), cache, client)


def test_an_interrupted_install_leaves_nothing(cache: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        install(parse_requested("moto==5.1.11"), cache, Client("5.1.11", interrupted=True))
    assert list(cache.iterdir()) == []


def test_what_a_killed_install_left_is_swept(cache: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    pretend(cache, f".making-{ended.pid}-x", f".making-{os.getpid()}-y")
    install(parse_requested("moto==5.1.11"), cache, Client("5.1.11"))
    assert sorted(path.name for path in cache.iterdir()) == [f".making-{os.getpid()}-y", "moto-5.1.11"]


def test_two_installs_at_once_end_in_a_single_folder(cache: Path) -> None:
    first = Client("5.1.11")

    def meanwhile(words: Sequence[str], folder: Path) -> Ran:
        if "install" in words:
            install(parse_requested("moto==5.1.11"), cache, first)
        return Client("5.1.11")(words, folder)

    assert install(parse_requested("moto==5.1.11"), cache, meanwhile).version == "5.1.11"
    assert first.installs
    assert [path.name for path in cache.iterdir()] == ["moto-5.1.11"]


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=f"cannot be used: .* Set {CACHE_VARIABLE}"):
        install(parse_requested("moto==1"), tmp_path / "file" / "targets", Client("1"))


def test_a_client_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no-such-client is needed for this, and is not on the PATH"):
        run_tool(["no-such-client"], tmp_path)


# The other registries.


COPY = "dependency:copy-dependencies"
INTO = "--root FOLDER --target-dir FOLDER/build"


class Registries:
    """Plays cargo, go and mvn as `Client` plays pip: each leaves what the real one would."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.calls: list[str] = []

    def __call__(self, words: Sequence[str], folder: Path) -> Ran:
        self.calls.append(" ".join(words).replace(str(folder), "FOLDER"))
        if "info" in words:
            return Ran(0, f"fakecloud #aws\nversion: {self.version}\nlicense: AGPL\n")
        if "list" in words:
            return Ran(0, f"v{self.version}\n")
        if words[0] == "cargo":
            key = f"fakecloud {self.version} (registry+an-index)"
            (folder / ".crates.toml").write_text(f'[v1]\n"{key}" = ["fakecloud"]\n', "utf-8")
        elif words[0] == "env":
            (folder / "bin").mkdir()
            (folder / "bin" / "gofakes3").write_text("")
        else:
            (folder / "lib").mkdir()
            for jar in (f"elasticmq-server_2.13-{self.version}.jar", "elasticmq-rest-sqs_2.13-0.1.jar"):
                (folder / "lib" / jar).write_text("")
        return Ran(0)


@pytest.mark.parametrize(
    ("name", "version", "asked"),
    [
        (
            "fakecloud",
            "0.51.0",
            f"cargo install --quiet --locked {INTO} --version 0.51.0 fakecloud",
        ),
        (
            "gofakes3",
            "1.2.0",
            "env GOBIN=FOLDER/bin go install github.com/johannesboyne/gofakes3/cmd/gofakes3@v1.2.0",
        ),
        (
            "elasticmq",
            "1.6.12",
            f"mvn --quiet --batch-mode --file FOLDER/pom.xml {COPY} -DoutputDirectory=FOLDER/lib",
        ),
    ],
)
@pytest.mark.parametrize("newest", [False, True])
def test_each_registry_is_asked_by_its_own_client(
    cache: Path, name: str, version: str, asked: str, newest: bool
) -> None:
    client = Registries(version)
    word = name if newest else f"{name}=={version}"
    installation = install(parse_requested(word), cache, client)
    assert (str(installation), installation.root) == (f"{name}=={version}", cache / f"{name}-{version}")
    assert client.calls[-1] == asked
    assert find(parse_requested(name), cache) == installation


def test_what_is_in_no_registry_is_not_installed(cache: Path) -> None:
    with pytest.raises(UsageError, match="aws-emulator is in no registry"):
        install(parse_requested("aws-emulator"), cache, Registries("1"))


def test_a_python_of_another_version_is_looked_for_on_the_path() -> None:
    assert interpreter(f">=3.{sys.version_info.minor}") == sys.executable
    with pytest.raises(UsageError, match=r"A Python <3\.8 is needed for this"):
        interpreter("<3.8")


# A project's own.


def test_a_preset_of_a_project_s_own_is_started_by_its_command(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = "python3 -I -m http.server --bind 127.0.0.1 {port}"
    table = f'[presets.our-own]\ncommand = "{command}"\nhealth = "/"\nservices = ["cognito-idp"]\n'
    (tmp_path / "aws-conformance.toml").write_text(table, "utf-8")
    assert main(["targets"]) == 0
    assert "our-own        cognito-idp    started by its own command" in capsys.readouterr().out
    assert main(["targets", "doctor", "our-own"]) == 0
    run = ("run", "cognito-idp:StartUserImportJob", "--target", "our-own", "--phase", "random")
    # It starts and answers; what it answers is no AWS.
    assert main([*run, "--max-examples", "1"]) in (1, 4)
    assert "our-own, cognito-idp: reached 0 of" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ('[presets.moto]\ncommand = "x {port}"\n', "A preset can't be named 'moto'."),
        ('[presets.Own]\ncommand = "x {port}"\n', "A preset can't be named 'Own'."),
        ("[presets.own]\n", "The preset 'own' needs a command or a url."),
        ('[presets.own]\ncommand = "x"\nurl = "y"\n', "The preset 'own' needs a command or a url."),
        (
            '[presets.own]\ncommand = "x"\nregistry = "pip"\n',
            "The preset 'own' names a registry and no package.",
        ),
        ('[presets.own]\ncomand = "x"\n', "presets.own.comand: unknown key. Did you mean command?"),
    ],
)
def test_a_wrong_preset_is_a_single_line(
    table: str,
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "aws-conformance.toml").write_text(table, "utf-8")
    assert main(["targets"]) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1


# The command line.


def test_targets_lists_what_there_is(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(cache, "moto-5.1.11", "moto-5.2.5")
    assert main(["targets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["reference", "cognito-idp", "embedded"],
        ["moto", "many", "services", "5.2.5", "5.1.11"],
    ]
    assert "aws-conformance targets install ministack" in lines[2]


def test_run_says_in_a_single_line_what_to_do(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--target", "moto==5.1.11"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "error: moto==5.1.11 is not installed. "
        "Install it with: aws-conformance targets install moto==5.1.11\n"
    )


@pytest.mark.usefixtures("cache")
def test_install_wants_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "install"]) == 2
    assert main(["targets", "install", "moto", "mottto"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "Did you mean moto?" in lines[1]


# From a word to a running server.


def test_parse_target(cache: Path) -> None:
    pretend(cache, "cognito-local-5.3.0", "moto-5.1.11", "moto-5.2.5")
    assert parse_target("reference") == EmbeddedReference()
    assert parse_target("http://127.0.0.1:1") == UrlTarget("http://127.0.0.1:1")
    newest = parse_target("moto")
    assert isinstance(newest, StartedTarget)
    # The version is in the report, because the verdict holds for no other.
    assert (newest.name, newest.scratch, newest.health) == ("moto==5.2.5", True, "/moto-api/data.json")
    assert newest.command.startswith(f"{cache / 'moto-5.2.5'}/bin/python ")
    local = parse_target("cognito-local")
    assert isinstance(local, StartedTarget)
    assert local.environment["PORT"] == "{port}"
    assert ".cognito/config.json" in local.files


@pytest.mark.usefixtures("cache")
def test_parse_target_of_an_unknown_name() -> None:
    with pytest.raises(UsageError, match=r"no target named 'ministak'\. Did you mean ministack"):
        parse_target("ministak")


def test_a_cache_with_a_space_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shlex

    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "my cache"))
    pretend(cache_folder(), "moto-5.2.5")
    target = parse_target("moto")
    assert isinstance(target, StartedTarget)
    assert shlex.split(target.command)[0] == f"{cache_folder()}/moto-5.2.5/bin/python"


SERVER = """
import http.server, os, sys, time
ready = time.monotonic() + float(sys.argv[2])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        healthy = self.path == "/health" and time.monotonic() >= ready
        text = f"{os.getcwd()} {os.environ['FOLDER']} {open('own/settings').read()}".encode()
        self.send_response(200 if healthy else 503)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *args): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def _pretender(tmp_path: Path, delay: float) -> StartedTarget:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    return StartedTarget(
        f"{sys.executable} {script} {{port}} {delay}",
        environment={"FOLDER": "{scratch}"},
        health="/health",
        scratch=True,
        files={"own/settings": "as wanted"},
        ready_seconds=120.0,
    )


def test_a_target_has_a_folder_of_its_own_and_is_ready_when_it_is_healthy(tmp_path: Path) -> None:
    with opened(Plan((), target=_pretender(tmp_path, 0.5))) as session:
        with urllib.request.urlopen(f"{session.url}/health") as answer:
            folder, working, settings = answer.read().decode().split(maxsplit=2)
        assert folder == working
        assert Path(folder).is_dir()
        assert settings == "as wanted"
    assert not Path(folder).exists()


def test_a_target_that_never_gets_healthy(tmp_path: Path) -> None:
    from dataclasses import replace

    target = replace(_pretender(tmp_path, 1000), ready_seconds=1.0)
    with (
        pytest.raises(TargetUnreachableError, match="did not answer within 1 s"),
        opened(Plan((), target=target)),
    ):
        pass


MOTO_SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    do_GET = do_POST = answer
if __name__ == "__main__":
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("-p") + 1])), Handler).serve_forever()
"""


def _wheel(folder: Path, version: str) -> None:
    """A wheel that calls itself moto, as small as pip allows."""
    info = f"moto-{version}.dist-info"
    files = {
        "moto/__init__.py": "",
        "moto/server.py": MOTO_SERVER,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: moto\nVersion: {version}\nProvides-Extra: server",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"moto-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, text)


def test_a_real_pip_from_a_folder_and_back_out_as_a_server(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The moved environment works, although everything in it was made under another name."""
    _wheel(tmp_path, "5.0.1")
    _wheel(tmp_path, "5.0.2")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert main(["targets", "install", "moto"]) == 0
    assert main(["targets", "install", "moto==4.9"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "moto==5.0.2 is installed\n"
    assert (
        captured.err.splitlines()[-1]
        == "error: pip finds no moto==4.9. Leave the version out for the newest."
    )
    assert [path.name for path in cache.iterdir()] == ["moto-5.0.2"]
    with opened(Plan((), target=parse_target("moto"))) as session:
        assert urllib.request.urlopen(session.url).status == 200


# Real emulators.

real = pytest.mark.skipif(
    os.environ.get("AWS_CONFORMANCE_EMULATORS") != "1",
    reason="AWS_CONFORMANCE_EMULATORS=1 says they are installed",
)


@real
@pytest.mark.parametrize("name", ["moto", "ministack", "cognito-local"])
def test_a_real_emulator_lacks_the_operation_and_says_so(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    arguments = ["run", "cognito-idp:StartUserImportJob", "--target", name, "--max-examples", "0"]
    assert main([*arguments, "--report", f"json={report}"]) == 4
    capsys.readouterr()
    summary = json.loads(report.read_text())
    assert summary["target"].startswith(f"{name}==")
    row = summary["operations"]["cognito-idp:StartUserImportJob"]
    assert not row["implemented"]
    assert row["evidence"]
