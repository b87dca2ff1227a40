# SPDX-License-Identifier: Apache-2.0
"""The options that several commands share, and the words that they accept.

It owns how a value is written on a command line, and refuses to know what it is used for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from ...engine.plan import EFFORTS
from ...errors import did_you_mean
from ...results.events import Phase
from ..config import PHASES, REQUEST_TIMEOUT_LIMIT

__all__ = [
    "ALL_PROTOCOLS",
    "SEED_LIMIT",
    "PercentType",
    "PhasesType",
    "RateType",
    "SecondsType",
    "ShardType",
    "effort_option",
    "exhaustive_option",
    "lifecycles_option",
    "max_examples_option",
    "model_option",
    "phase_option",
    "protocol_option",
    "request_timeout_option",
    "seed_option",
    "selectors_argument",
]

SEED_LIMIT = 2**63 - 1
# The word for every protocol that a service lists.
ALL_PROTOCOLS = "all"

if TYPE_CHECKING:
    _PhasesParam: TypeAlias = click.ParamType[tuple[Phase, ...]]
    _SecondsParam: TypeAlias = click.ParamType[float]
    _ShardParam: TypeAlias = click.ParamType[tuple[int, int]]
else:
    # Only newer versions of click let a type be given here.
    _PhasesParam = _SecondsParam = _ShardParam = click.ParamType

_F = TypeVar("_F", bound=Callable[..., Any])


class PercentType(click.FloatRange):
    """A number within a range; nan is in none, though it compares as if it were."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is no number.", param, ctx)
        return number


class PhasesType(_PhasesParam):
    """Phases separated by commas, such as `enumerated,random`."""

    name = "phase,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Phase, ...]:
        if isinstance(value, tuple):
            return value
        known: dict[str, Phase] = {phase: phase for phase in PHASES}
        chosen = []
        for word in str(value).split(","):
            if word.strip() not in known:
                hint = did_you_mean(word, PHASES) or f"There is {', '.join(PHASES)}."
                self.fail(f"there is no phase {word.strip()!r}. {hint}", param, ctx)
            chosen.append(known[word.strip()])
        return tuple(dict.fromkeys(chosen))


class SecondsType(_SecondsParam):
    """A finite number of seconds above zero, up to a limit if there is one."""

    name = "seconds"

    def __init__(self, limit: float = math.inf) -> None:
        self.limit = limit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(value)
        except ValueError:
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        if not (math.isfinite(seconds) and seconds > 0):
            self.fail(f"{value} is not a number of seconds above 0.", param, ctx)
        if seconds > self.limit:
            self.fail(f"{value} is more than {self.limit:g} seconds.", param, ctx)
        return seconds


class RateType(_SecondsParam):
    """A finite number of requests a second above zero."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            rate = float(value)
        except ValueError:
            rate = 0.0
        if not (math.isfinite(rate) and rate > 0):
            self.fail(f"{value!r} is no number of requests a second above 0.", param, ctx)
        return rate


class ShardType(_ShardParam):
    """Which of how many shards, such as `3/8`."""

    name = "shard"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        match = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", str(value))
        index, count = (int(match[1]), int(match[2])) if match else (0, 0)
        if not 1 <= index <= count:
            self.fail(f"{value!r} is no shard; write I/N, from 1/N to N/N.", param, ctx)
        return index, count


def selectors_argument(*, required: bool = False) -> Callable[[_F], _F]:
    return click.argument("selectors", metavar="SELECTOR...", nargs=-1, required=required)


def protocol_option(function: _F) -> _F:
    return click.option(
        "--protocol",
        metavar="P|all",
        help="A protocol other than the default, which is botocore's; `all`: each that the service lists.",
    )(function)


def model_option(function: _F) -> _F:
    """Gives a command models beside the installed ones, known before anything else of it is looked at."""
    return click.option(
        "--model",
        "models",
        multiple=True,
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_add_models,
        help="A model to read services from, in place of the installed ones: Smithy's JSON AST; repeatable.",
    )(function)


def _add_models(_: click.Context, __: click.Parameter, files: tuple[str, ...]) -> tuple[str, ...]:
    if files:
        from ...spec.model_files import add_models

        add_models(files)
    return files


def phase_option(function: _F) -> _F:
    return click.option(
        "--phase",
        "phases",
        type=PhasesType(),
        metavar="P,...",
        help=f"Phases, of {', '.join(PHASES)}.",
    )(function)


def lifecycles_option(function: _F) -> _F:
    return click.option(
        "--lifecycle",
        "lifecycles",
        multiple=True,
        metavar="FILE",
        help="A lifecycle of your own, for the phase stateful; repeatable.",
    )(function)


def request_timeout_option(*earlier_names: str) -> Callable[[_F], _F]:
    """The option `--request-timeout`, which `earlier_names` stand for as well."""
    return click.option(
        "--request-timeout",
        *earlier_names,
        "timeout",
        type=SecondsType(REQUEST_TIMEOUT_LIMIT),
        metavar="S",
        help="Seconds that an answer may take (10).",
    )


def seed_option(function: _F) -> _F:
    return click.option(
        "--seed",
        type=click.IntRange(0, SEED_LIMIT),
        metavar="N",
        help="What random cases derive from; the same seed gives the same cases.",
    )(function)


def effort_option(function: _F) -> _F:
    return click.option(
        "--effort",
        type=click.Choice(tuple(EFFORTS)),
        help="How much to try: quick, the newest 40 cases of an operation; standard; thorough, all and more.",
    )(function)


def exhaustive_option(function: _F) -> _F:
    return click.option(
        "--exhaustive",
        is_flag=True,
        default=None,
        help="Send every enumerated case, and not only the newest few hundred of an operation.",
    )(function)


def max_examples_option(function: _F) -> _F:
    return click.option(
        "--max-examples", type=click.IntRange(0), metavar="N", help="Random cases per operation."
    )(function)
