"""After the last move: what came of it all, and what is left behind.

It owns the look at effects and the tidying up. It refuses to know how the resource came to where it is.
"""

from __future__ import annotations

from ...cases.expectations import Expectation
from ...cases.lifecycles.model import Action, Effect
from ...cases.lifecycles.predicates import all_hold
from ...cases.prerequisites import substitute
from ...checks.history_subjects import ObservedEffect
from ..histories.context import WalkContext
from ..histories.harness import Blocked, Resolve
from ..histories.resource import ModelResource
from .waiting import come_to_rest

__all__ = ["look_at_effects", "tidy_up"]


def look_at_effects(cast: WalkContext) -> None:
    """What all states have brought about. Raises Blocked for an answer that tells nothing."""
    for actor in cast.actors.values():
        if cast.kind == "walk" and actor.born is not None:
            cast.sights.look_all(actor)
        if cast.kind == "path" and not cast.sights.fresh(actor):
            cast.sights.look(actor, cast.reader)
    if cast.kind in ("path", "walk"):
        for actor in cast.actors.values():
            for effect in cast.rules.lifecycle.effects:
                if actor.state in effect.states and all_hold(effect.when, cast.scene(actor)):
                    _look_at(cast, actor, effect)


def _look_at(cast: WalkContext, actor: ModelResource, effect: Effect) -> None:
    operation = cast.stage.compiled.operation(effect.operation)
    for element in actor.facts.get(effect.each, ()) if effect.each else (None,):
        resolve = cast.sights.resolver(actor, each=element)
        reply = cast.stage.request(operation, effect.input, resolve, Expectation("answered"))
        cast.sights.tell(reply, effect.input, actor, each=element)
        cast.record.reply(reply)
        if reply.crashed:
            raise Blocked(f"no usable answer to {operation.name}: {reply.said[:160]}")
        status, code = reply.answer.response.status, reply.answer.code
        masked = cast.stage.session.player is not None
        shows = substitute(dict(effect.shows), _but_any(resolve))
        brought = ObservedEffect(effect, operation, status, code, reply.document, shows, masked)
        cast.record.found(cast.stage.moment(brought))


def _but_any(resolve: Resolve) -> Resolve:
    return lambda symbol: symbol if "$any" in symbol else resolve(symbol)


def tidy_up(cast: WalkContext) -> None:
    """End what was left behind, as far as it can be; whatever that says is no matter of this history."""
    told = list(cast.stage.steps)
    for actor in cast.actors.values():
        if actor.born is None:
            continue
        try:
            for name in cast.rules.lifecycle.tidy:
                _end(cast, actor, cast.rules.lifecycle.actions[name])
            rests = come_to_rest(cast, actor)
        except Blocked:
            rests = False
        if not rests:
            cast.memory.soiled = True
            cast.stage.spoil()
    cast.stage.steps[:] = told


def _end(cast: WalkContext, actor: ModelResource, action: Action) -> None:
    may_be, scene = cast.may_be(actor), cast.scene(actor)
    if cast.rules.ruling(action.name, may_be, scene).verdict == "forbidden" or not action.operation:
        return
    operation = cast.stage.compiled.operation(action.operation)
    resolve = cast.sights.resolver(actor)
    reply = cast.stage.request(operation, action.input, resolve, Expectation("unknown"))
    if reply.success:
        actor.believed = cast.rules.after(action.name, may_be, scene)
