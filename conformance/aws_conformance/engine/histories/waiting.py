"""Time in a walk: waiting for what happens by itself, and moving the time of a target that lets it be moved.

It owns pauses and when a state has lasted too long. It refuses to know actions.
"""

from __future__ import annotations

import time

from ...cases.lifecycles.model import Citation
from ...checks.history_subjects import WaitTimeout
from ...reproduce.transcript import TranscriptStep
from ..histories.context import WalkContext
from ..histories.harness import Blocked
from ..histories.resource import ModelResource
from ..session import Session

__all__ = ["come_to_rest", "let_pass", "move_until", "wait_until"]

# The longest pause between two looks at a resource, in seconds, where time can't be moved.
_LONGEST_PAUSE = 30.0
# So many looks are given to what a history leaves behind.
_LOOKS = 6


def wait_until(cast: WalkContext, actor: ModelResource, until: tuple[str, ...]) -> None:
    """Look until the resource is in one of the states, or rests if none is named.

    Raises Blocked if it will never be there, or not in time.
    """
    waiting = cast.rules.lifecycle.waiting
    waited, pause, last = 0.0, waiting.pause, ""
    while True:
        if not cast.sights.fresh(actor):
            cast.sights.look(actor, cast.reader)
        if actor.state != last:
            waited, pause, last = 0.0, waiting.pause, actor.state
            cast.look_closely(actor)
        if actor.state in until or (not until and actor.state and cast.rules.rests(actor.state)):
            return
        if until and not cast.may_be(actor) & {*until}:
            raise Blocked(f"{' or '.join(until)} was not seen: {actor.who} is {actor.label}")
        if waited >= waiting.at_most:
            _stuck(cast, actor, waited)
        if cast.expired():
            raise Blocked("the time for the run was up")
        waited += _pause(cast, pause)
        pause *= 2


def move_until(cast: WalkContext, actor: ModelResource, until: tuple[str, ...]) -> None:
    """Move time until what takes hours has happened. Raises Blocked where time can't be moved."""
    lines = [
        line
        for line in cast.rules.moves(actor.state, cast.scene(actor), timed=True)
        if line.after is not None and set(line.to) & set(until)
    ]
    if not lines and cast.kind == "walk":
        # By chance, time is moved where nothing comes of it.
        return
    if not lines:
        raise Blocked(f"{' or '.join(until)} does not follow {actor.label}")
    if not cast.stage.session.moves_time:
        raise Blocked("time can't be moved on this target, and this takes hours")
    seconds = max(line.after[1] for line in lines if line.after is not None)
    _move_time(cast, seconds)
    for one in cast.actors.values():
        one.aged = True
    cast.sights.look(actor, cast.reader)
    if actor.state not in until:
        _stuck(cast, actor, seconds, lines[0].source)
    cast.look_closely(actor)


def come_to_rest(cast: WalkContext, actor: ModelResource) -> bool:
    """Whether the resource is where it stays, after a few looks if need be; nothing is judged."""
    for _ in range(_LOOKS):
        if not actor.astray and actor.believed and all(map(cast.rules.rests, actor.believed)):
            return True
        state = cast.sights.glance(actor, cast.reader)
        if state is None:
            return False
        actor.believed, actor.astray = frozenset({state}), False
        if not cast.rules.rests(state):
            _pause(cast, cast.rules.lifecycle.waiting.pause)
    return all(map(cast.rules.rests, actor.believed))


def let_pass(session: Session, seconds: float) -> str:
    """Let time pass on the target, moved if it can be; what went wrong, or the empty string."""
    if session.moves_time:
        return session.pass_time(seconds)
    if session.player is None:
        time.sleep(seconds)
    return ""


def _pause(cast: WalkContext, seconds: float) -> float:
    """Let time pass on the target, moved if it can be; how much."""
    session = cast.stage.session
    if session.moves_time:
        _move_time(cast, seconds)
        return seconds
    seconds = min(seconds, _LONGEST_PAUSE)
    cast.stage.tell(TranscriptStep("pause", cast.stage.move, seconds=seconds))
    let_pass(session, seconds)
    cast.sights.changed()
    return seconds


def _move_time(cast: WalkContext, seconds: float) -> None:
    wrong = cast.stage.session.pass_time(seconds)
    if wrong:
        raise Blocked(f"time did not move: {wrong}")
    cast.stage.tell(TranscriptStep("time", cast.stage.move, seconds=seconds))
    cast.sights.changed()


def _stuck(cast: WalkContext, actor: ModelResource, seconds: float, source: Citation | None = None) -> None:
    """The resource did not come on in time."""
    cast.record.found(cast.stage.moment(WaitTimeout(actor.seen[-1], seconds, source)))
    raise Blocked(f"{actor.who} was {actor.label} still, after {seconds:g} seconds")
