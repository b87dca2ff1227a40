# SPDX-License-Identifier: Apache-2.0
"""Stack traces in what a server prints or answers: what was thrown, and where in the server's own code.

It owns the forms in which interpreters and runtimes print them, each a row of a table, and which frames are
of a web framework rather than of the server. It refuses to know where a text comes from. A line number and a
value are never part of a place: they change when nothing has changed.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["ThrownException", "thrown_in"]

# What is read of a text: a server may print megabytes.
_LONGEST = 256 * 1024
_LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class ThrownException:
    """An exception that a server did not catch: its class, its text, and the function that it was thrown in.

    `module` is a file and its folder without what leads there (`cognitoidp.models`), so that it is the same
    for an installed server and for a checkout; `function` is empty where it has no name.
    """

    name: str
    message: str
    module: str
    function: str

    @property
    def place(self) -> str:
        """Class, module and function in one line, by which a crash is known."""
        return f"{self.name} in {'.'.join(part for part in (self.module, self.function) if part)}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """A call on a stack: `package` is what was installed from elsewhere, `runtime` the language's own."""

    module: str
    function: str
    package: str = ""
    runtime: bool = False


def thrown_in(text: str) -> ThrownException | None:
    """The last exception whose whole stack a text shows, or None.

    The place is the innermost frame of the server's own code, where there is one.
    """
    text = text[-_LONGEST:]
    for read in _FORMS:
        exception = read(text)
        if exception is not None:
            return exception
    if "<" in text and ("<br" in text or "<pre" in text):
        # A web framework's page for developers.
        plain = html.unescape(re.sub(r"<[^>]{0,500}>", "", re.sub(r"<br ?/?>", "\n", text)))
        return thrown_in(plain.replace("\N{NO-BREAK SPACE}", " ").replace("<", " "))
    return None


# Packages that stand between a socket and a server's own code, by the names of their folders.
_FRAMEWORKS = frozenset(
    (
        *("flask", "flask_cors", "werkzeug", "starlette", "fastapi", "uvicorn", "hypercorn", "gunicorn"),
        *("aiohttp", "tornado", "django", "bottle", "cherrypy", "cheroot", "twisted", "waitress", "gevent"),
        *("eventlet", "asgiref", "a2wsgi", "rolo", "sanic", "quart", "falcon", "pyramid", "connexion"),
        *("anyio", "trio", "uvloop", "daphne", "sentry_sdk", "ddtrace", "opentelemetry"),
        *("express", "router", "koa", "koa-router", "koa-compose", "@koa/router", "fastify", "@hapi/hapi"),
        *("body-parser", "raw-body", "on-finished", "finalhandler", "connect", "restify", "@nestjs/core"),
        *("cors", "express-async-errors", "morgan", "pino-http", "serverless-http"),
    )
)
_INSTALLED = re.compile(r"[/\\](?:site-packages|dist-packages|node_modules)[/\\]")
_JAVA_RUNTIME = ("java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.")
_JAVA_FRAMEWORKS = (
    *("org.springframework.", "io.netty.", "io.vertx.", "io.quarkus.", "io.micronaut.", "io.undertow."),
    *(
        "org.eclipse.jetty.",
        "org.apache.tomcat.",
        "org.apache.catalina.",
        "org.glassfish.",
        "akka.",
        "io.ktor.",
    ),
)


def _innermost_own(frames: Sequence[_Frame]) -> _Frame:
    """Of frames, the outermost first, the innermost that is of the server itself.

    Whose code it is tells the outermost frame that is neither the language's nor a web framework's.
    """
    calls = [frame for frame in frames if not frame.runtime]
    own = [frame for frame in calls if frame.package not in _FRAMEWORKS]
    if own:
        return [frame for frame in own if frame.package == own[0].package][-1]
    return (calls or list(frames))[-1]


def _thrown(name: str, message: str, frames: Sequence[_Frame]) -> ThrownException:
    frame = _innermost_own(frames)
    return ThrownException(
        name.rpartition(".")[2], message.strip()[:_LONGEST_MESSAGE], frame.module, frame.function
    )


def _frame(path: str, function: str, *, runtime: bool) -> _Frame:
    """The frame of a source file."""
    parts = _INSTALLED.split(path)
    names = [name for name in re.split(r"[/\\]", parts[-1]) if name]
    package = ""
    if len(parts) > 1 and names:
        package = "/".join(names[:2]) if names[0].startswith("@") else names[0].removesuffix(".py")
    names[-1:] = [re.sub(r"\.\w+$", "", name) for name in names[-1:]]
    if len(names) > 1 and names[-1] in ("__init__", "index"):
        names.pop()
    function = "" if function == "<anonymous>" else function
    return _Frame(".".join(names[-2:]), function, package, runtime)


_PYTHON_START = "Traceback (most recent call last):"
_PYTHON_FRAME = re.compile(r'^\s+File "([^"]+)", line \d+, in (.+)$')
_PYTHON_END = re.compile(r"^((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)(?:: (.*))?$")
_PYTHON_RUNTIME = re.compile(
    r"^<frozen|[/\\]lib(?:64)?[/\\]python\d[\d.]*[/\\](?!site-packages|dist-packages)"
)
# The frames of comprehensions come and go with Python's versions.
_PYTHON_NAMELESS = frozenset(("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"))


def _python(text: str) -> ThrownException | None:
    exception: ThrownException | None = None
    frames: list[_Frame] | None = None
    for line in text.splitlines():
        # Groups of exceptions stand behind a rule.
        line = re.sub(r"^ *\| ?", "", line)
        if _PYTHON_START in line:
            frames = []
        elif frames is not None and (match := _PYTHON_FRAME.match(line)):
            path, function = match[1], match[2]
            if function not in _PYTHON_NAMELESS:
                frames.append(_frame(path, function, runtime=bool(_PYTHON_RUNTIME.search(path))))
        elif frames and (match := _PYTHON_END.match(line)):
            exception, frames = _thrown(match[1], match[2] or "", frames), None
    return exception


_NODE_CALL = re.compile(r"^\s+at (?:async )?(?:(.+?) \()?((?:file://|node:)?[^()\s][^()]*?):\d+:\d+\)?$")
_NODE_START = re.compile(
    r"^\s*(?:Uncaught |.*\s)??([A-Za-z_$][\w$]*(?:Error|Exception)|Error)\b[^:\n]{0,40}: (.*)$"
)
# A message of several lines stands between the class and the calls.
_NODE_MESSAGE_LINES = 5


def _node(text: str) -> ThrownException | None:
    exception: ThrownException | None = None
    frames: list[_Frame] = []
    before: list[str] = []
    for line in (*text.splitlines(), ""):
        match = _NODE_CALL.match(line)
        if match:
            path = match[2].removeprefix("file://")
            function = re.sub(r" \[as [^]]*\]|^new |^Object\.(?=.)|\.?<anonymous>", "", match[1] or "")
            frames.append(_frame(path, function, runtime=path.startswith("node:")))
            continue
        if frames:
            starts = (_NODE_START.match(earlier) for earlier in reversed(before[-_NODE_MESSAGE_LINES:]))
            start = next((start for start in starts if start), None)
            if start is not None:
                exception = _thrown(start[1], start[2], frames[::-1])
            frames, before = [], []
        before.append(line)
    return exception


_GO_START = re.compile(r"^(?:.*\bpanic serving [^ ]+: |.*\bpanic: )(.*)$")
_GO_FILE = re.compile(r"^\s+(\S+\.go):\d+")


def _go(text: str) -> ThrownException | None:
    lines = text.splitlines()
    starts = [index for index, line in enumerate(lines) if _GO_START.match(line)]
    if not starts:
        return None
    frames: list[_Frame] = []
    for call, file in _pairs(lines[starts[-1] + 1 :]):
        match = _GO_FILE.match(file)
        if match is None:
            continue
        if call.startswith("panic("):
            # What stands above it deals with the panic.
            frames.clear()
            continue
        frames.append(_go_frame(call, match[1]))
    start = _GO_START.match(lines[starts[-1]])
    return _thrown("panic", start[1], frames[::-1]) if frames and start else None


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    return itertools.pairwise(lines)


def _go_frame(call: str, path: str) -> _Frame:
    # Without arguments, and without the numbers of functions that have no name.
    name = re.sub(r"(?:\.func\d+|\.\d+|\.gowrap\d+)+$", "", re.sub(r"\([^()]*\)$", "", call.strip()))
    folder, _, rest = name.rpartition("/")
    package, _, function = rest.partition(".")
    imported = f"{folder}/{package}" if folder else package
    standard = "." not in imported.partition("/")[0] and f"/src/{imported}/" in path
    elsewhere = imported if "/pkg/mod/" in path or "/vendor/" in path else ""
    return _Frame(package, function, elsewhere, standard)


_JAVA_START = re.compile(
    r'^(?:Exception in thread "[^"]*" |Caused by: |.*\s)?'
    r"((?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable)[\w$]*)(?:: (.*))?$"
)
_JAVA_CALL = re.compile(r"^\s+at (?:[\w.@]+/)*((?:[\w$]+\.)+)([\w$<>]+)\([^()]*\)")


def _java(text: str) -> ThrownException | None:
    """The last of the causes: what stands above it only passes it on."""
    exception: ThrownException | None = None
    start: re.Match[str] | None = None
    frames: list[_Frame] = []
    for line in (*text.splitlines(), ""):
        match = _JAVA_CALL.match(line)
        if match and start is not None:
            frames.append(_java_frame(match[1].rstrip("."), match[2]))
            continue
        if frames and start is not None:
            exception, frames = _thrown(start[1], start[2] or "", frames[::-1]), []
        start = _JAVA_START.match(line)
    return exception


def _java_frame(owner: str, method: str) -> _Frame:
    function = re.sub(r"^lambda\$(.*)\$\d+$", r"\1", method)
    owner = re.sub(r"\$(?:\d+|\$Lambda.*)", "", owner)
    framework = f"{owner}.".startswith(_JAVA_FRAMEWORKS)
    runtime = f"{owner}.".startswith(_JAVA_RUNTIME)
    return _Frame(".".join(owner.split(".")[-2:]), function, "", runtime or framework)


_FORMS: tuple[Callable[[str], ThrownException | None], ...] = (_python, _node, _java, _go)
