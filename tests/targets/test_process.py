# SPDX-License-Identifier: Apache-2.0
"""Servers that are started: found ready, listened to, and gone afterwards, whatever happens to us."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aws_conformance.errors import TargetUnreachableError, UsageError
from aws_conformance.http import Request
from aws_conformance.targets import process
from aws_conformance.targets.connection import Connection
from aws_conformance.targets.process import StartedServer, answers_http, started

# A server in as few imports as it takes: it prints each request's first line, does what a test asks for
# by its path, and answers with its working directory.
SERVER = r"""
import os, signal, socket, subprocess, sys
port, options = int(sys.argv[1]), sys.argv[2:]
if "stubborn" in options:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "child" in options:
    child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(3600)"])
    print("child", child.pid, flush=True)
if "six" in options:
    listener = socket.create_server(("::1", port), family=socket.AF_INET6)
else:
    listener = socket.create_server(("127.0.0.1", port))
print("listening", os.environ.get("CANARY", ""), flush=True)
while True:
    connection, _ = listener.accept()
    with connection:
        line = connection.recv(65536).split(b"\r\n")[0].decode()
        path = line.split()[1]
        if path == "/exit":
            os._exit(7)
        if path == "/flood":
            for number in range(5000):
                print("line", number)
            sys.stdout.write("x" * 1_000_000)
            print("", flush=True)
        if path == "/colour":
            print("\x1b[31mred\x1b[0m\a\xe9\r", file=sys.stderr, flush=True)
        elif path != "/":
            print("asked", line, file=sys.stderr, flush=True)
        body = os.getcwd().encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
"""


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("a server") / "server.py"
    path.write_text(SERVER, encoding="utf-8")
    return f"{shlex.join([sys.executable, '-S', str(path)])} {{port}}"


def ask(server: StartedServer, path: str) -> str:
    with Connection(server.url, timeout=60.0) as connection:
        return connection.send(Request("GET", path)).response.body.decode()


def looked_up(pid: int) -> tuple[str, int]:
    """The state letter and the parent of a process; no letter when there is none."""
    proc = Path("/proc")
    if (proc / "self" / "stat").exists():
        try:
            state, parent, *_ = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return "", 0
        return state, int(parent)
    fields = subprocess.run(
        ["ps", "-o", "stat=,ppid=", "-p", str(pid)], capture_output=True, check=False, text=True
    ).stdout.split()
    return (fields[0][0], int(fields[1])) if fields else ("", 0)


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet collected does not."""
    return looked_up(pid)[0] not in ("", "Z", "X")


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def soon(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def settled(server: StartedServer) -> StartedServer:
    """The same once what it prints before it listens has arrived: the log may lag behind the socket."""
    assert soon(lambda: "listening" in server.stderr_tail())
    return server


def child_of(server: StartedServer) -> int:
    settled(server)
    lines = [line for line in server.stderr_tail(100).splitlines() if line.startswith("child")]
    return int(lines[0].split()[1])


def test_a_server_is_started_answers_and_is_gone_afterwards(command: str) -> None:
    with started(command) as server:
        assert (answers_http(server.url), server.running, alive(server.pid)) == (True, True, True)
        assert os.getpgid(server.pid) == server.pid != os.getpgid(0)
    assert (answers_http(server.url), server.running, alive(server.pid)) == (False, False, False)


def test_it_runs_in_its_folder_with_its_environment(command: str, tmp_path: Path) -> None:
    with started(command, cwd=tmp_path, env={"CANARY": "port {port}"}) as server:
        assert Path(ask(server, "/")).resolve() == tmp_path.resolve()
        assert settled(server).stderr_tail() == f"listening port {server.url.rpartition(':')[2]}"


def test_the_port_may_come_by_the_environment_alone(command: str) -> None:
    by_shell = shlex.join(["sh", "-c", "exec " + command.replace("{port}", '"$PORT"')])
    with started(by_shell, env={"PORT": "{port}"}) as server:
        assert ask(server, "/")


@pytest.mark.skipif(not has_ipv6(), reason="this machine's loopback has no ::1")
def test_a_server_that_listens_on_ipv6_alone_is_reached(command: str) -> None:
    with started(f"{command} six") as server:
        assert server.url.startswith("http://[::1]:")
        assert ask(server, "/")


def test_two_servers_side_by_side_do_not_meet(command: str) -> None:
    with started(command) as first, started(command) as second:
        assert first.url != second.url
        ask(first, "/for-one")
        assert soon(lambda: "asked GET /for-one" in first.stderr_tail())
        assert "asked" not in second.stderr_tail()


def test_lines_since_a_mark_are_those_of_a_single_request(command: str) -> None:
    with started(command) as server:
        ask(server, "/first")
        assert soon(lambda: "/first" in server.stderr_tail())
        mark = server.mark()
        assert server.stderr_since(mark) == ""
        ask(server, "/second")
        assert server.stderr_since(mark, wait=2.0) == "asked GET /second HTTP/1.1"
        assert server.stderr_tail(1) == "asked GET /second HTTP/1.1"
        assert server.stderr_tail(2).startswith("asked GET /first")


def test_what_is_printed_is_bounded(command: str) -> None:
    with started(command) as server:
        mark = settled(server).mark()
        assert ask(server, "/flood")
        assert soon(lambda: "asked" in server.stderr_tail(1))
        lines = server.stderr_since(mark).splitlines()
    assert len(lines) == 2_000
    assert lines[-3:-1] == ["line 4999", "x" * 2_000]


def test_what_a_terminal_would_obey_is_left_out(command: str) -> None:
    with started(command) as server:
        mark = settled(server).mark()
        ask(server, "/colour")
        assert server.stderr_since(mark, wait=2.0) == "red\xe9"


# --- the end


def test_a_failure_of_ours_stops_the_server(command: str) -> None:
    with pytest.raises(ZeroDivisionError), started(command) as server:
        raise ZeroDivisionError
    assert not alive(server.pid)


def test_what_the_server_started_ends_with_it(command: str) -> None:
    with started(f"{command} child") as server:
        child = child_of(server)
        assert alive(child)
    assert soon(lambda: not alive(child))


def test_a_server_that_ignores_the_request_to_end_is_killed(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_GRACE", 0.2)
    with started(f"{command} stubborn") as server:
        pass
    assert not alive(server.pid)


def test_a_watchdog_that_hangs_is_replaced_by_our_own_hand(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_GRACE", 0.1)
    with started(command) as server:
        watchdog = looked_up(server.pid)[1]
        os.kill(watchdog, signal.SIGSTOP)
    assert soon(lambda: not alive(server.pid))
    assert not alive(watchdog)


def test_a_watchdog_that_is_killed_leaves_no_server(command: str) -> None:
    with started(command) as server:
        os.kill(looked_up(server.pid)[1], signal.SIGKILL)
        assert soon(lambda: not server.running)
    assert soon(lambda: not alive(server.pid))


def test_a_server_that_dies_is_noticed_and_leaves_nothing(command: str) -> None:
    with started(f"{command} child") as server:
        child = child_of(server)
        ask(server, "/exit")
        assert soon(lambda: not server.running)
        assert soon(lambda: not alive(child))


PARENT = """
import os, sys, time
from aws_conformance.targets.process import started
with started(sys.argv[1]) as server:
    words = server.stderr_since(0, wait=60.0).split()
    other = os.fork() if "fork" in sys.argv else 0
    if "fork" in sys.argv and other == 0:
        time.sleep(3600)
    print(server.pid, words[words.index("child") + 1], other, flush=True)
    time.sleep(3600)
"""


@contextlib.contextmanager
def parent(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Another interpreter that started a server with a child; the ids of these and of its own fork."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as us:
        assert us.stdout is not None
        pids = [int(word) for word in us.stdout.readline().split()]
        assert all(alive(pid) for pid in pids if pid)
        try:
            yield us, pids
        finally:
            us.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGABRT])
def test_the_server_ends_with_us_however_we_end(command: str, number: signal.Signals) -> None:
    with parent(f"{command} child") as (us, (server, child, _)):
        us.send_signal(number)
        us.wait(60)
        assert soon(lambda: not alive(server) and not alive(child))


def test_the_server_ends_with_us_though_a_fork_of_ours_holds_the_pipe(command: str) -> None:
    with parent(f"{command} child", "fork") as (us, (server, child, fork)):
        try:
            us.kill()
            us.wait(60)
            assert soon(lambda: not alive(server) and not alive(child))
            assert alive(fork)
        finally:
            os.kill(fork, signal.SIGKILL)


# --- servers that do not come up


@pytest.mark.parametrize(
    ("command_", "match"),
    [
        (
            "no-such-command-of-anybody {port}",
            r"^The server '.*' could not be started: No such file or directory\. Check its first word",
        ),
        (
            "sh -c 'echo one; echo two >&2; exit 3' {port}",
            r"ended with exit code 3\. It said last: one \| two\.",
        ),
        ("sh -c 'kill -9 $$' {port}", r"was ended by signal 9\. Run it by hand"),
        ("true {port}", r"ended with exit code 0\. Run it by hand"),
    ],
)
def test_a_server_that_ends_at_once_is_reported_with_its_last_words(command_: str, match: str) -> None:
    with pytest.raises(TargetUnreachableError, match=match) as caught, started(command_):
        pytest.fail("it never ran")
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)


def test_a_server_that_never_answers_is_stopped(tmp_path: Path) -> None:
    up = tmp_path / "up"
    silent = f"sh -c 'echo $$; touch {shlex.quote(str(up))}; exec sleep 3600' {{port}}"

    def asked(url: str) -> bool:
        """Whether it answers: never, and what it says is said before its time is up."""
        assert soon(up.exists)
        return False

    with (
        pytest.raises(
            TargetUnreachableError, match=r"did not answer within 0\.3 s\. It said last: \d+\."
        ) as caught,
        started(silent, ready=asked, timeout=0.3),
    ):
        pytest.fail("it never answered")
    assert not alive(int(caught.value.message.rpartition(" ")[2].removesuffix(".")))


def test_readiness_is_the_probes_to_tell(command: str) -> None:
    asked: list[str] = []

    def third(url: str) -> bool:
        asked.append(url)
        return len(asked) >= 3

    with started(command, ready=third) as server:
        assert server.url == asked[-1]
    assert len(asked) == 3


def test_a_port_that_was_taken_meanwhile_is_replaced(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    free = process._free_port
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = [taken.getsockname()[1], free()]
        monkeypatch.setattr(process, "_free_port", lambda: ports.pop(0))
        with started(command, ready=lambda url: str(taken.getsockname()[1]) not in url) as server:
            assert server.url.endswith(str(_port(server)))
    assert ports == []


@pytest.mark.parametrize(
    ("command_", "match"),
    [
        ("moto_server", r"has no \{port\}, .* Write for example: --start 'moto_server --port \{port\}'\.$"),
        ("moto_server -p '{port}", r"can not be split into words: No closing quotation\."),
        ("", r"is empty"),
        ("  ", r"is empty"),
    ],
)
def test_a_command_that_can_not_be_run_as_it_stands_is_the_users_mistake(command_: str, match: str) -> None:
    with pytest.raises(UsageError, match=match) as caught, started(command_):
        pytest.fail("it never ran")
    assert caught.value.hint


def test_a_directory_that_is_none_is_the_users_mistake(command: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no directory"), started(command, cwd=tmp_path / "none"):
        pytest.fail("it never ran")


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    with (
        pytest.raises(TargetUnreachableError, match=r"It said last: \$HOME ; touch x \d+\."),
        started("echo $HOME ';' touch x {port}", cwd=tmp_path),
    ):
        pytest.fail("it never ran")
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_ours_is_left_open(command: str) -> None:
    def held() -> tuple[int, int]:
        return threading.active_count(), len(list(Path("/dev/fd").iterdir()))

    before = held()
    with started(command):
        pass
    with contextlib.suppress(TargetUnreachableError), started("true {port}"):
        pass
    assert held() == before


def _port(server: StartedServer) -> int:
    return int(server.url.rpartition(":")[2])


def test_a_line_that_is_cut_within_a_word_is_shown_without_it() -> None:
    """Half a secret would be known to nobody who masks secrets."""
    script = "print('a' * 1_990, 'KEY' + '0123456789SECRET'); raise SystemExit(3)"
    with (
        pytest.raises(TargetUnreachableError, match=r"said last: a{1990} \.\.\.\.") as raised,
        started(f"{shlex.quote(sys.executable)} -c {shlex.quote(script)} {{port}}"),
    ):
        pass
    assert "KEY0" not in str(raised.value)
