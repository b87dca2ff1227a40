# SPDX-License-Identifier: Apache-2.0
"""The wait for what was just made, on targets that take their time over it.

It owns how long is waited, and what is remembered: a target that was seen to make a thing at once is not
asked again. It refuses to judge: what is not ready in time is used as it is.
"""

from __future__ import annotations

from typing import Any

from ..cases.contract import OperationContract
from ..cases.drafts import NOTHING, InputPlace, InputVariant, draft, places
from ..cases.name_reading import plain_name, read_name
from ..cases.readiness import ReadinessWaiter, readiness_waiter
from ..cases.setup import NEW_STEP, SetupStep, StepWait
from ..cases.symbols import substitute
from .pauses import let_pass
from .session import Session
from .shown_texts import ShownTexts, value_of

__all__ = ["Settling"]

# The first pause between two looks, the longest, and for how long all in all, in seconds.
_PAUSE, _LONGEST_PAUSE, _AT_MOST = 0.1, 2.0, 60.0
# For how long what is not shown at all is looked for.
_UNSEEN = 5.0
# What part of a limited time may pass with a single wait.
_PART = 0.1
# A wait of so many seconds is told.
_LONG = 5.0


class Settling:
    """The waits of one session: `settle` is called with what was made, before it is used."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # By operation and protocol: whether the target was seen to take its time.
        self._slow: dict[str, bool] = {}

    def settle(self, contract: OperationContract, sent: Any, document: Any) -> float:
        """For how many seconds was waited until what an operation has made was ready to be used."""
        key = f"{contract.full_name} {contract.protocol.name}"
        if self._slow.get(key) is False:
            return 0.0
        waiter = readiness_waiter(contract.service, contract.name)
        template = _template(contract, waiter, sent, document) if waiter is not None else None
        if waiter is None or template is None:
            self._slow[key] = False
            return 0.0
        # Who makes it at once is asked once; who does not come to an end is not waited for again.
        values = {NEW_STEP: document}, {NEW_STEP: sent}
        asked = substitute(template, lambda symbol: value_of(symbol["$from"], *values))
        ready, waited = self._waited(contract, waiter, asked)
        self._slow[key] = ready and waited > 0
        if waited:
            # Whoever does the same elsewhere has to wait as well.
            self._session.waits_after[contract.full_name] = StepWait(waiter.operation, template, waiter.until)
        return waited

    def _waited(self, contract: OperationContract, waiter: ReadinessWaiter, asked: Any) -> tuple[bool, float]:
        service_contract, plan = contract.service_contract, self._session.plan
        reader = service_contract.of(service_contract.operation(waiter.operation))
        limit = min(_AT_MOST if plan.max_wait is None else plan.max_wait, waiter.longest)
        if plan.max_time is not None:
            limit = min(limit, _PART * plan.max_time)
        waited, pause = 0.0, _PAUSE
        while True:
            readiness = _readiness(self._session, reader, waiter, asked)
            longest = {"pending": limit, "unseen": min(limit, _UNSEEN)}.get(readiness, 0.0)
            if waited >= longest:
                return readiness == "ready", waited
            pause = min(pause, limit - waited)
            if waited < _LONG <= waited + pause:
                self._session.waits(f"for {waiter.name} of {contract.full_name}", limit)
            let_pass(self._session, pause)
            waited += pause
            pause = min(2 * pause, _LONGEST_PAUSE)


def _readiness(session: Session, reader: OperationContract, waiter: ReadinessWaiter, asked: Any) -> str:
    response = session.invoke(reader, asked).response
    if response.fate != "answered":
        return "unclear"
    if 200 <= response.status < 300:
        decoded = reader.decode_response(response)
        return waiter.readiness(response.status, "", decoded.document) if decoded.readable else "unclear"
    code = reader.protocol.decode_error(reader.service, response).code or str(response.status)
    return waiter.readiness(response.status, code, None)


def _template(contract: OperationContract, waiter: ReadinessWaiter | None, sent: Any, document: Any) -> Any:
    """What the waiter's operation is asked, about what was made alone; None where that can't be told.

    What its creation was sent, or has answered, stands in symbols.
    """
    if waiter is None:
        return None
    service_contract, noun = contract.service_contract, read_name(contract.name).noun
    reader = service_contract.of(service_contract.operation(waiter.operation))
    texts = ShownTexts()
    texts.add(service_contract, SetupStep(NEW_STEP, contract.full_name, sent), document, sent)
    values: dict[str, Any] = {}
    unknown: set[str] = set()

    def choose(place: InputPlace) -> Any:
        symbols = texts.candidates(service_contract, place, reader.name, fitting=True)
        for symbol in symbols[:1]:
            values[place.name] = symbol
        unknown.update(() if symbols else (place.name,))
        return values.get(place.name, NOTHING)

    # Which thing is meant may stand in optional members, one of which is enough: a name, else a list of ids.
    naming = [
        place.path
        for place in places(reader)
        if len([part for part in place.path if part != "*"]) == 1
        and noun in (plain_name(place.name), place.need(reader.name).stem)
    ]
    for variant in (InputVariant(), *(InputVariant().adding(path) for path in naming)):
        values.clear()
        unknown.clear()
        template = draft(reader, variant, choose)
        if values and not unknown and isinstance(template, dict):
            return template
    return None
