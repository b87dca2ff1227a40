# SPDX-License-Identifier: Apache-2.0
"""The plots of a page, as points in the unit square with their words: what says more than rows would.

It owns what is plotted against what, and when a plot says anything. It refuses to know how a plot is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from ...coverage import run_coverage
from ...events import OperationFinished
from ..recorded import RecordedRun

__all__ = ["Line", "Plot", "PlotPoint", "plots"]


@dataclass(frozen=True, slots=True)
class PlotPoint:
    """A point: `x` and `y` from 0 to 1, `y` upwards, and what it says."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one run or target; `joined` if a line through them means something."""

    name: str
    points: tuple[PlotPoint, ...]
    joined: bool = False
    steps: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with the words of its axes; `x_end` and `y_end` say what 1 stands for."""

    title: str
    x_axis: str
    y_axis: str
    x_end: str
    y_end: str
    lines: tuple[Line, ...]


def plots(runs: Sequence[RecordedRun]) -> tuple[Plot, ...]:
    """All plots that say something of these runs."""
    drawn = (_divergence_against_coverage(runs), _causes_over_time(runs), *_versions(runs))
    return tuple(plot for plot in drawn if any(line.points for line in plot.lines))


def _divergence_against_coverage(runs: Sequence[RecordedRun]) -> Plot:
    lines = tuple(Line(run.target, tuple(_services(run))) for run in runs)
    highest = max((point.y for line in lines for point in line.points), default=0.0)
    # A share of 3 % would be a flat line on an axis up to 100 %.
    top = next(end for end in (0.1, 0.25, 0.5, 1.0) if highest <= end)
    scaled = tuple(
        Line(line.name, tuple(PlotPoint(point.x, point.y / top, point.words) for point in line.points))
        for line in lines
    )
    return Plot(
        "Divergence against coverage, by service",
        "coverage",
        "divergence",
        "100 %",
        f"{top:.0%}".replace("%", " %"),
        scaled,
    )


def _services(run: RecordedRun) -> Iterator[PlotPoint]:
    services: dict[str, list[OperationFinished]] = {}
    for operation in run.summary.operations:
        services.setdefault(operation.operation.partition(":")[0], []).append(operation)
    for service, operations in services.items():
        figures = run_coverage(operations)
        if figures.coverage is not None and figures.divergence is not None:
            words = (
                f"{run.target}, {service}: coverage {figures.coverage:.0%}, "
                f"divergence {figures.divergence:.0%}"
            )
            yield PlotPoint(figures.coverage, figures.divergence, words)


def _causes_over_time(runs: Sequence[RecordedRun]) -> Plot:
    longest = max((run.elapsed for run in runs), default=0.0) or 1.0
    most = max((len(run.summary.causes) for run in runs), default=0) or 1
    lines = tuple(
        Line(run.target, tuple(_discoveries(run, longest, most)), joined=True, steps=True) for run in runs
    )
    return Plot("Causes over the time of a run", "time", "causes", f"{longest:.0f} s", str(most), lines)


def _discoveries(run: RecordedRun, longest: float, most: int) -> Iterator[PlotPoint]:
    firsts = sorted(
        min(shares)
        for cause in run.summary.causes
        if (shares := [run.first_seen[key] for key in cause.findings if key in run.first_seen])
    )
    if not firsts:
        return
    width = run.elapsed / longest if run.elapsed else 1.0
    for number, share in enumerate(firsts, 1):
        words = f"{run.target}: {number} after {share * run.elapsed:.0f} s"
        yield PlotPoint(share * width, number / most, words)
    yield PlotPoint(width, len(firsts) / most, f"{run.target}: {len(firsts)} in all")


def _versions(runs: Sequence[RecordedRun]) -> Iterator[Plot]:
    """A plot for each emulator of which there are several versions."""
    emulators: dict[str, list[tuple[Version, RecordedRun]]] = {}
    for run in runs:
        name, equals, version = run.target.partition("==")
        if equals and (parsed := _version(version)) is not None:
            emulators.setdefault(name, []).append((parsed, run))
    for name, versions in emulators.items():
        if len({version for version, _ in versions}) > 1:
            yield _over_versions(name, sorted(versions, key=lambda pair: pair[0]))


def _over_versions(name: str, versions: Sequence[tuple[Version, RecordedRun]]) -> Plot:
    grave = [sum(cause.severity == "error" for cause in run.summary.causes) for _, run in versions]
    every = [len(run.summary.causes) for _, run in versions]
    most = max(every) or 1
    last = len(versions) - 1
    lines = tuple(
        Line(
            words,
            tuple(
                PlotPoint(index / last, number / most, f"{name} {versions[index][0]}: {number} {words}")
                for index, number in enumerate(numbers)
            ),
            joined=True,
        )
        for words, numbers in (("causes", every), ("causes at error", grave))
    )
    return Plot(
        f"{name} over its versions", str(versions[0][0]), "causes", str(versions[-1][0]), str(most), lines
    )


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
