# SPDX-License-Identifier: Apache-2.0
"""Time in a history, and what is left at its end: waiting, moving time, effects looked at, tidying up.

It owns pauses, when a state has lasted too long, and what a history leaves behind. It refuses to know steps.
"""

from __future__ import annotations

import math

from ...cases.expectations import Expectation
from ...cases.lifecycles.model import Action, Citation, Effect
from ...cases.lifecycles.predicates import all_hold
from ...cases.symbols import substitute
from ...checks.history_subjects import ObservedEffect, WaitTimeout
from ...reproduce.transcript import TranscriptStep
from ..pauses import let_pass
from .context import WalkContext
from .harness import Blocked, Resolve
from .resource import ModelResource

__all__ = ["come_to_rest", "look_at_effects", "move_until", "tidy_up", "wait_until"]

# The longest pause between two looks at a resource, in seconds, where time can't be moved.
_LONGEST_PAUSE = 30.0
# So many looks are given to what a history leaves behind.
_LOOKS = 6


def wait_until(context: WalkContext, resource: ModelResource, until: tuple[str, ...]) -> None:
    """Look until the resource is in one of the states, or rests if none is named.

    Raises Blocked if it will never be there, or not in time.
    """
    waiting = context.rules.lifecycle.waiting
    waited, pause, last = 0.0, waiting.pause, ""
    while True:
        if not context.observer.fresh(resource):
            context.observer.look(resource, context.reader)
        if resource.state != last:
            waited, pause, last = 0.0, waiting.pause, resource.state
            context.look_closely(resource)
        if resource.state in until or (not until and resource.state and context.rules.rests(resource.state)):
            return
        if until and not context.may_be(resource) & {*until}:
            raise Blocked(f"{' or '.join(until)} was not seen: {resource.who} is {resource.label}")
        if waited >= waiting.at_most:
            _stuck(context, resource, waited)
        if waited >= _longest(context):
            raise Blocked(
                f"{resource.who} was {resource.label} still, and --max-wait lets nobody wait longer"
            )
        if context.expired():
            raise Blocked("the time for the run was up")
        waited += _pause(context, min(pause, _longest(context) - waited))
        pause *= 2


def _longest(context: WalkContext) -> float:
    """For how many seconds a state is waited for; moved time costs nothing."""
    session = context.harness.session
    limit = session.plan.max_wait
    return math.inf if limit is None or session.moves_time else limit


def move_until(context: WalkContext, resource: ModelResource, until: tuple[str, ...]) -> None:
    """Move time until what takes hours has happened. Raises Blocked where time can't be moved."""
    lines = [
        line
        for line in context.rules.moves(resource.state, context.scene(resource), timed=True)
        if line.after is not None and set(line.to) & set(until)
    ]
    if not lines and context.kind == "walk":
        # By chance, time is moved where nothing comes of it.
        return
    if not lines:
        raise Blocked(f"{' or '.join(until)} does not follow {resource.label}")
    if not context.harness.session.moves_time:
        raise Blocked("time can't be moved on this target, and this takes hours")
    seconds = max(line.after[1] for line in lines if line.after is not None)
    _move_time(context, seconds)
    for other in context.resources.values():
        other.aged = True
    context.observer.look(resource, context.reader)
    if resource.state not in until:
        _stuck(context, resource, seconds, lines[0].source)
    context.look_closely(resource)


def come_to_rest(context: WalkContext, resource: ModelResource) -> bool:
    """Whether the resource is where it stays, after a few looks if need be; nothing is judged."""
    for _ in range(_LOOKS):
        if not resource.unplaced and resource.believed and all(map(context.rules.rests, resource.believed)):
            return True
        state = context.observer.glance(resource, context.reader)
        if state is None:
            return False
        resource.believed, resource.unplaced = frozenset({state}), False
        if not context.rules.rests(state):
            _pause(context, context.rules.lifecycle.waiting.pause)
    return all(map(context.rules.rests, resource.believed))


def _pause(context: WalkContext, seconds: float) -> float:
    """Let time pass on the target, moved if it can be; how much."""
    session = context.harness.session
    if session.moves_time:
        _move_time(context, seconds)
        return seconds
    seconds = min(seconds, _LONGEST_PAUSE)
    context.harness.tell(TranscriptStep("pause", context.harness.move, seconds=seconds))
    let_pass(session, seconds)
    context.observer.changed()
    return seconds


def _move_time(context: WalkContext, seconds: float) -> None:
    wrong = context.harness.session.pass_time(seconds)
    if wrong:
        raise Blocked(f"time did not move: {wrong}")
    context.harness.tell(TranscriptStep("time", context.harness.move, seconds=seconds))
    context.observer.changed()


def _stuck(
    context: WalkContext, resource: ModelResource, seconds: float, source: Citation | None = None
) -> None:
    """The resource did not come on in time."""
    context.record.add(context.harness.moment(WaitTimeout(resource.seen[-1], seconds, source)))
    raise Blocked(f"{resource.who} was {resource.label} still, after {seconds:g} seconds")


def look_at_effects(context: WalkContext) -> None:
    """What all states have brought about. Raises Blocked for an answer that tells nothing."""
    for resource in context.resources.values():
        if context.kind == "walk" and resource.created is not None:
            context.observer.look_all(resource)
        if context.kind == "path" and not context.observer.fresh(resource):
            context.observer.look(resource, context.reader)
    if context.kind in ("path", "walk"):
        for resource in context.resources.values():
            for effect in context.rules.lifecycle.effects:
                if resource.state in effect.states and all_hold(effect.when, context.scene(resource)):
                    _look_at(context, resource, effect)


def _look_at(context: WalkContext, resource: ModelResource, effect: Effect) -> None:
    operation = context.harness.contract.operation(effect.operation)
    for element in resource.facts.get(effect.each, ()) if effect.each else (None,):
        resolve = context.observer.resolver(resource, each=element)
        reply = context.harness.request(operation, effect.input, resolve, Expectation("answered"))
        context.observer.tell(reply, effect.input, resource, each=element)
        context.record.reply(reply)
        if reply.crashed:
            raise Blocked(f"no usable answer to {operation.name}: {reply.said[:160]}")
        status, code = reply.answer.response.status, reply.answer.code
        masked = context.harness.session.channel.masks_secrets
        shows = substitute(dict(effect.shows), _but_any(resolve))
        brought = ObservedEffect(effect, operation, status, code, reply.document, shows, masked)
        context.record.add(context.harness.moment(brought))


def _but_any(resolve: Resolve) -> Resolve:
    return lambda symbol: symbol if "$any" in symbol else resolve(symbol)


def tidy_up(context: WalkContext) -> None:
    """End what was left behind, as far as it can be; whatever that says is no matter of this history."""
    steps = list(context.harness.steps)
    for resource in context.resources.values():
        if resource.created is None:
            continue
        try:
            for name in context.rules.lifecycle.tidy:
                _end(context, resource, context.rules.lifecycle.actions[name])
            rests = come_to_rest(context, resource)
        except Blocked:
            rests = False
        if not rests:
            context.memory.has_leftovers = True
            context.harness.spoil()
    context.harness.steps[:] = steps


def _end(context: WalkContext, resource: ModelResource, action: Action) -> None:
    may_be, scene = context.may_be(resource), context.scene(resource)
    if context.rules.ruling(action.name, may_be, scene).verdict == "forbidden" or not action.operation:
        return
    operation = context.harness.contract.operation(action.operation)
    resolve = context.observer.resolver(resource)
    reply = context.harness.request(operation, action.input, resolve, Expectation("unknown"))
    if reply.success:
        resource.believed = context.rules.after(action.name, may_be, scene)
