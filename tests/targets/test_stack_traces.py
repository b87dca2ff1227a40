# SPDX-License-Identifier: Apache-2.0
"""Stack traces as servers print them: class, text, and the function of the server's own code."""

from __future__ import annotations

import pytest

from aws_conformance.targets.stack_traces import ThrownException, thrown_in

_MOTO = """\
127.0.0.1 - - [28/Nov/2026 07:05:20] "POST / HTTP/1.1" 200 -
Error on request:
Traceback (most recent call last):
  File "/x/lib/python3.11/site-packages/werkzeug/serving.py", line 370, in run_wsgi
    execute(self.server.app)
    ~~~~~~~^^^^^^^^^^^^^^^^^
  File "/x/lib/python3.11/site-packages/moto/moto_server/werkzeug_app.py", line 261, in __call__
    return backend_app(environ, start_response)
  File "/x/lib/python3.11/site-packages/flask/app.py", line 1536, in __call__
    return self.wsgi_app(environ, start_response)
  File "/x/lib/python3.11/site-packages/moto/core/responses.py", line 456, in call_action
    response = method()
  File "/x/lib/python3.11/site-packages/moto/cognitoidp/models.py", line 1037, in describe_user_pool
    user_pool = self.user_pools.get(user_pool_id)
  File "/x/lib/python3.11/site-packages/moto/cognitoidp/models.py", line 1038, in <listcomp>
    return [item["Value"] for item in items]
  File "/usr/lib/python3.11/json/decoder.py", line 337, in decode
    obj, end = self.raw_decode(s, idx=_w(s, 0).end())
KeyError: 'Value'
127.0.0.1 - - [28/Nov/2026 07:05:21] "POST / HTTP/1.1" 500 -
"""
_NODE = """\
[1795849539142] ERROR: a0fd6fa0 NONE Error handling target: CreateUserPool {"reqId":"a0fd6fa0"}
    err: {
      "type": "TypeError",
      "message": "requestSchema.map is not a function",
      "stack":
          TypeError: requestSchema.map is not a function
              at Array.map (<anonymous>)
              at node:internal/process/task_queues:95:5
              at createSchemaAttributes (/x/node_modules/cognito-local/lib/targets/createUserPool.js:44:19)
              at async /x/node_modules/cognito-local/lib/server/Router.js:39:23
              at Layer.handleRequest (/x/node_modules/router/lib/layer.js:169:33)
    }
"""
_GO = """\
2026/11/28 07:00:00 http: panic serving 127.0.0.1:5000: runtime error: index out of range [5] with length 3
goroutine 20 [running]:
net/http.(*conn).serve.func1()
\t/usr/local/go/src/net/http/server.go:1850 +0xbf
panic({0x6c0f80, 0xc00001a0c0})
\t/usr/local/go/src/runtime/panic.go:890 +0x262
example.org/emulator/pools.(*Store).Find.func1(0xc000010, {0x1, 0x2})
\t/src/emulator/pools/store.go:12 +0x1d
net/http.HandlerFunc.ServeHTTP(0x0, {0x1, 0x2})
\t/usr/local/go/src/net/http/server.go:2109 +0x2f
"""
_JAVA = """\
07:00:00 ERROR o.a.c.C - Servlet.service() threw
jakarta.servlet.ServletException: Request processing failed
\tat org.springframework.web.servlet.FrameworkServlet.processRequest(FrameworkServlet.java:1022)
\tat java.base/java.lang.Thread.run(Thread.java:833)
Caused by: java.lang.NullPointerException: Cannot invoke "String.length()"
\tat java.base/java.util.Objects.requireNonNull(Objects.java:220)
\tat org.example.pools.PoolService.lambda$create$3(PoolService.java:31)
\tat org.springframework.web.method.Invocable.invoke(Invocable.java:5)
\t... 12 more
"""


@pytest.mark.parametrize(
    ("text", "thrown"),
    [
        pytest.param(
            _MOTO,
            ThrownException("KeyError", "'Value'", "cognitoidp.models", "describe_user_pool"),
            id="python",
        ),
        pytest.param(
            _NODE,
            ThrownException(
                "TypeError",
                "requestSchema.map is not a function",
                "targets.createUserPool",
                "createSchemaAttributes",
            ),
            id="node",
        ),
        pytest.param(
            _GO,
            ThrownException(
                "panic", "runtime error: index out of range [5] with length 3", "pools", "(*Store).Find"
            ),
            id="go",
        ),
        pytest.param(
            _JAVA,
            ThrownException(
                "NullPointerException", 'Cannot invoke "String.length()"', "pools.PoolService", "create"
            ),
            id="java",
        ),
    ],
)
def test_the_place_is_of_the_servers_own_code(text: str, thrown: ThrownException) -> None:
    assert thrown_in(text) == thrown


def test_a_checkout_has_the_places_of_what_is_installed() -> None:
    """What is installed and a working tree name one crash alike, wherever they are and whatever has moved."""
    tree = _MOTO.replace("/x/lib/python3.11/site-packages/moto/", "/home/me/moto/moto/").replace("1037", "12")
    installed, checkout = thrown_in(_MOTO), thrown_in(tree)
    assert installed is not None
    assert checkout is not None
    assert installed.place == checkout.place == "KeyError in cognitoidp.models.describe_user_pool"


def test_the_last_exception_counts() -> None:
    """Of what was handled and what it led to, the server fell over the latter."""
    chained = (
        "Traceback (most recent call last):\n"
        '  File "/app/a.py", line 1, in first\n    x\nKeyError: 1\n\n'
        "During handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\n"
        '  File "/app/a.py", line 2, in second\n    y\napp.errors.Broken\n'
    )
    assert thrown_in(chained) == ThrownException("Broken", "", "app.a", "second")


def test_a_group_of_exceptions_stands_behind_a_rule() -> None:
    text = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "/x/site-packages/anyio/a.py", line 1, in run\n'
        "  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | Traceback (most recent call last):\n"
        '    |   File "/app/pools.py", line 1, in create\n'
        "    | ValueError: bad\n"
        "    +------------------------------------\n"
    )
    assert thrown_in(text) == ThrownException("ValueError", "bad", "app.pools", "create")


def test_a_page_for_developers_is_read() -> None:
    page = (
        "<!DOCTYPE html><html><body>"
        "<pre>TypeError: Cannot read properties of undefined (reading &#39;Id&#39;)"
        "<br> &nbsp; &nbsp;at createPool (/app/lib/pools.js:10:5)"
        "<br> &nbsp; &nbsp;at Layer.handle (/app/node_modules/express/lib/router/layer.js:95:5)</pre>"
        "</body></html>"
    )
    assert thrown_in(page) == ThrownException(
        "TypeError", "Cannot read properties of undefined (reading 'Id')", "lib.pools", "createPool"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "500 Internal Server Error",
        _MOTO.partition("KeyError")[0],
        "Error: cannot open file\n",
        "<html><pre></pre></html>",
    ],
)
def test_what_shows_no_complete_stack_has_no_place(text: str) -> None:
    assert thrown_in(text) is None
