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
    operation = context.harness.compiled.operation(effect.operation)
    for element in resource.facts.get(effect.each, ()) if effect.each else (None,):
        resolve = context.observer.resolver(resource, each=element)
        reply = context.harness.request(operation, effect.input, resolve, Expectation("answered"))
        context.observer.tell(reply, effect.input, resource, each=element)
        context.record.reply(reply)
        if reply.crashed:
            raise Blocked(f"no usable answer to {operation.name}: {reply.said[:160]}")
        status, code = reply.answer.response.status, reply.answer.code
        masked = context.harness.session.player is not None
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
    operation = context.harness.compiled.operation(action.operation)
    resolve = context.observer.resolver(resource)
    reply = context.harness.request(operation, action.input, resolve, Expectation("unknown"))
    if reply.success:
        resource.believed = context.rules.after(action.name, may_be, scene)
