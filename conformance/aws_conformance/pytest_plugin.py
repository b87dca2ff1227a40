# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin: its options, its marker and its fixtures, and nothing that takes time.

Every pytest run on a machine where this package is installed imports this module, so it owns names alone.
What they stand for lives in frontends/plugin/ and is imported when a run asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .frontends.plugin.answers import Validate
    from .frontends.plugin.stubs import Stub
    from .frontends.plugin.target import OpenTarget

__all__ = [
    "conformance_stub",
    "conformance_target",
    "conformance_validate",
    "pytest_addhooks",
    "pytest_addoption",
    "pytest_configure",
]

_MARKER = (
    "conformance(allow=...): an operation of an AWS API, checked by aws-conformance; on a test, "
    "what --conformance-observe=fail lets pass: ids of checks, operations, or both with a space between"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, all of which begin with `--conformance`, and the ini settings of the same meaning."""
    group = parser.getgroup("aws-conformance", "AWS conformance")
    group.addoption(
        "--conformance",
        action="append",
        default=[],
        metavar="SELECTOR",
        help="Check operations of a target, an item for each phase: service, service:Operation or "
        "service:Glob*; repeatable. -m conformance leaves out all other tests.",
    )
    group.addoption(
        "--conformance-target",
        metavar="TARGET",
        help="`reference` (embedded, the default), a URL, or an installed emulator: NAME[==VERSION].",
    )
    group.addoption("--conformance-start", metavar="'CMD {port}'", help="Start the target by this command.")
    group.addoption("--conformance-phase", metavar="P,...", help="Phases; all by default.")
    group.addoption("--conformance-seed", type=int, metavar="N", help="What random cases derive from.")
    group.addoption(
        "--conformance-max-examples", type=int, metavar="N", help="Random cases for each operation."
    )
    group.addoption(
        "--conformance-fail-on",
        choices=("error", "warning", "note"),
        help="The least severity that fails (error).",
    )
    group.addoption("--conformance-baseline", metavar="FILE", help="Known violations, which don't fail.")
    group.addoption(
        "--conformance-allow-remote",
        action="store_true",
        default=None,
        help="Speak to hosts other than the loopback too.",
    )
    # Options of their own rather than one with a value that may be missing: argparse would take the path
    # behind a bare `--conformance-observe` for its value.
    for name, mode, text in (
        ("--conformance-observe", "report", "Validate every AWS call of the tests; changes no outcome."),
        ("--conformance-observe=report", "report", "The same."),
        ("--conformance-observe=fail", "fail", "Fail tests on invalid requests and on the target's faults."),
    ):
        group.addoption(
            name, dest="conformance_observe", action="store_const", const=mode, default=None, help=text
        )
    group.addoption(
        "--conformance-observe-report", metavar="FILE", help="Write all that was observed to a file, as JSON."
    )
    parser.addini("conformance", "Selectors of operations to check (as --conformance).", "linelist", [])
    parser.addini("conformance_target", "The target (as --conformance-target).", default="")
    parser.addini("conformance_observe", "report or fail (as --conformance-observe).", default="")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """The hook by which a conftest.py can listen to the events of explorations."""
    from .frontends.plugin import hooks

    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and whatever of frontends/plugin/ this run asks for."""
    config.addinivalue_line("markers", _MARKER)
    selectors = [*config.getoption("--conformance"), *config.getini("conformance")]
    named = _taken_from(config)
    if selectors or named:
        from .frontends.plugin.items import activate

        activate(config, selectors, named)
    mode = config.getoption("conformance_observe") or config.getini("conformance_observe")
    if mode:
        from .frontends.plugin.observe import observe

        observe(config, mode, config.getoption("--conformance-observe-report"))


def _taken_from(config: pytest.Config) -> list[str]:
    """Node ids of ours among the arguments, such as a failure's that was copied, taken out of them.

    pytest would look for a file of that name.
    """
    here = config.invocation_params.dir
    named = [text for text in config.args if _is_ours(text) and not (here / text.partition("::")[0]).exists()]
    if named:
        config.args[:] = [text for text in config.args if text not in named]
    return named


def _is_ours(text: str) -> bool:
    service, _, rest = text.partition("::")
    return bool(rest) and not any(sign in service for sign in "/\\.") and rest[:1].isupper()


@pytest.fixture(scope="session")
def conformance_target(pytestconfig: pytest.Config) -> Iterator[OpenTarget]:
    """The configured target, started if it is ours to start: its `url`, clients for it, cases sent to it."""
    from .frontends.plugin.target import open_target

    with open_target(pytestconfig) as target:
        yield target


@pytest.fixture(scope="session")
def conformance_validate() -> Validate:
    """A function from (operation, response) to violations; see aws_conformance.check for what it takes."""
    from .frontends.plugin.answers import violations_of

    return violations_of


@pytest.fixture
def conformance_stub(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Stub]:
    """AWS, answered from its specification: boto3 and requests get valid generated answers."""
    from .frontends.plugin.settings import seed_of
    from .frontends.plugin.stubbing import stubbed
    from .frontends.plugin.stubs import Stub

    with stubbed(Stub(seed_of(request.config)), monkeypatch) as stub:
        yield stub
