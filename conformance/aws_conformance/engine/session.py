# SPDX-License-Identifier: Apache-2.0
"""A target in use: its connection, its credentials, the reply it has for what doesn't exist.

It owns how one request of a case becomes an exchange. It refuses to know what cases are for.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..cases.contract import Contract, OperationContract
from ..cases.setup import StepWait
from ..errors import TargetUnreachableError
from ..http import ADVANCE_PATH, Exchange, Request, Response, header
from ..protocols.masking import secrets_in
from ..protocols.record import Protocol
from ..protocols.spelled import SHORTEST_SECRET
from ..reproduce.mask import without_secrets
from ..reproduce.secret_variables import environment_secrets
from ..spec.shapes import Operation
from ..targets.signing import Credentials
from .channel import Channel, OutgoingCall
from .fresh_targets import FreshTargets
from .leftovers import Leftovers
from .liveness import Liveness
from .plan import Plan
from .shared_states import SharedStates
from .tried_kinds import TriedKinds

__all__ = ["Fingerprint", "Session", "fingerprint"]


_VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9A-Z]{40,}\b|\d+")


# How services refuse a signature for the keys that it was made with.
_UNKNOWN_KEYS = frozenset({"InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"})
_REFUSED_KEYS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)

# An answer is slow beyond this part of the time limit of a request. Slow answers may take as long as so many
# of these limits together, in one operation and in a run (2 and 20 minutes by default).
_SLOW_PART = 10
_SLOW_ANSWERS, _SLOW_RUN = 12, 120

# Texts that a target has issued which are remembered, to be masked wherever they come up again; and texts
# that the kit has put into sensitive members, which are not, whoever gives them back.
_ISSUED = 2_000
_SENT = 2_000
# So many requests that nothing answers, of a target that has answered none, and it is asked nothing more.
_UNHEARD = 3
# So many characters are told of what a target says of our keys.
_SAID = 120


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What stays the same when a target gives the same answer again."""

    status: int
    content_type: str
    body: str


def fingerprint(response: Response, operation: str) -> Fingerprint:
    """The fingerprint of a response: without numbers, request ids and the operation's name."""
    text = response.body[:4096].decode("utf-8", "replace").replace(operation, "OPERATION")
    content_type = (header(response.headers, "content-type") or "").partition(";")[0]
    return Fingerprint(response.status, content_type, _VARYING.sub("#", text))


@dataclass(slots=True)
class Session:
    """One worker's use of a target; `url` is its address, `label` how reports call the address.

    `faults` tells whether the target answers with errors that it is asked for. `silences` counts the
    requests in a row that went unanswered; `last` is the last exchange that was one. `reads_log` tells that
    what the target logs can be read, so that it would show what an answer leaves out; `logs_stacks` that it
    has shown the stack of a crash. `waits` is told of each
    long wait. `memory` has, by service, what searches for state have learned of the target.
    `settle(operation, sent, document)` waits until what an operation has made can be used, for how long.
    `stopped` is why nothing more is to be sent in this run, or the empty string. `states` wait to be used.
    `tried_kinds` knows which kinds of cases were tried in a limited time, `leftovers` what wrong requests
    may have left. `fresh_targets` are others of its kind, that hold nothing. `waits_after` has, by the full
    names of operations, what was waited for after them. `crash_places` are where crashes happen that were
    seen twice.
    """

    plan: Plan
    url: str
    label: str
    channel: Channel
    liveness: Liveness
    credentials: Mapping[str, Credentials]
    faults: bool = False
    not_implemented: tuple[str, ...] = ()
    reads_log: bool = False
    logs_stacks: bool = False
    waits: Callable[[str, float], None] = field(default=lambda what, seconds: None)
    silences: int = 0
    last: Exchange | None = None
    memory: dict[str, Any] = field(default_factory=dict)
    settle: Callable[[OperationContract, Any, Any], float] = field(default=lambda *made: 0.0)
    stopped: str = ""
    states: SharedStates = field(default_factory=SharedStates)
    tried_kinds: TriedKinds = field(default_factory=TriedKinds)
    leftovers: Leftovers = field(default_factory=Leftovers)
    fresh_targets: FreshTargets = field(default_factory=FreshTargets)
    waits_after: dict[str, StepWait] = field(default_factory=dict)
    crash_places: set[str] = field(default_factory=set)
    _issued: dict[str, None] = field(default_factory=dict)
    _sent: dict[str, None] = field(default_factory=dict)
    _heard: bool = False
    _known: tuple[str, ...] | None = None
    _recognised: bool = False
    _slow: float = 0.0
    _slow_before: float = 0.0

    def begin(self, name: str, protocol: Protocol) -> None:
        """What is sent from here on is sent to explore the operation of that full name."""
        self._slow_before += self._slow
        self._slow = 0.0
        self.channel.begin(name, protocol)

    def secrets(self, contract: OperationContract, exchange: Exchange | None) -> tuple[str, ...]:
        """The texts that must not be shown of an exchange: credentials, and what the target has issued.

        What the kit made up is no secret, though it stands in a sensitive member.
        """
        if self._known is None:
            self._known = tuple(dict.fromkeys((*secret_texts(self.plan), *self._issued)))
        if exchange is None:
            return self._known
        new = (text for text in self._secrets_of(contract, exchange) if text not in self._issued)
        return tuple(dict.fromkeys((*self._known, *new)))

    def _secrets_of(self, contract: OperationContract, exchange: Exchange) -> tuple[str, ...]:
        """What sensitive members of an answer hold that its request did not."""
        response, masking = exchange.response, contract.protocol.masking
        root = contract.operation.output if 200 <= response.status < 300 else None
        secrets = secrets_in(masking, contract.service, root, response.body)
        if not secrets or masking is None:
            return secrets
        if root is None:
            # What an error says is for us to read, even where a service keeps a `Message` secret.
            said = contract.protocol.decode_error(contract.service, response).message
            secrets = tuple(text for text in secrets if text != said)
        sent = exchange.request.body.decode(masking.encoding, "replace")
        return tuple(
            text
            for text in secrets
            if text not in self._sent and not any(form in sent for form in (text, *masking.escapes(text)))
        )

    def send(
        self,
        contract: OperationContract,
        request: Request,
        *,
        principal: str = "",
        signature: str = "",
        fault: str = "",
    ) -> Exchange:
        """Sign a request as the operation wants it, or by a forgery that `signature` names, and send it."""
        if fault:
            request = request.with_headers([("x-aws-conformance-fault", fault)])
        if self._is_mute:
            return Exchange(request, Response(0, fate="withheld", detail=self.stopped), self.url)
        exchange = self._noticed(self.channel.send(_call(contract, request, principal or "own", signature)))
        self._keep_secrets(contract, exchange)
        if not (self._recognised or principal or signature or fault):
            self._recognise(contract, exchange)
        self._listen(exchange.response.fate == "timeout")
        if exchange.response.elapsed > self.plan.timeout / _SLOW_PART:
            self._slow += exchange.response.elapsed
        return exchange

    @property
    def _is_mute(self) -> bool:
        """Whether the target has had enough requests, and answered none."""
        return not self._heard and self.silences >= _UNHEARD

    def _listen(self, silent: bool) -> None:
        """Count a silence, or end a row of them; who was never heard is asked nothing more in this run."""
        self.silences = self.silences + 1 if silent else 0
        self._heard = self._heard or not silent
        if self._is_mute:
            waited = f"{self.silences} requests have waited for {self.plan.timeout:g} s each"
            self.stopped = (
                f"the target takes requests and answers none: {waited}; --request-timeout S is longer"
            )

    @property
    def too_slow(self) -> bool:
        """Whether slow answers have taken all the time that they get: of one operation, and of all.

        A run whose time the user has bounded takes as long as that.
        """
        if self.plan.max_time is not None:
            return False
        total = self._slow_before + self._slow
        return self._slow > _SLOW_ANSWERS * self.plan.timeout or total > _SLOW_RUN * self.plan.timeout

    def _recognise(self, contract: OperationContract, exchange: Exchange) -> None:
        """Whether the target knows our keys: if not, whatever it answers says nothing of it.

        Keys of the kit's own are asked after as well, but not whether it finds them used rightly: then its
        own reading of signatures may be what is wrong with it.

        Raises TargetUnreachableError if it refuses them in its first answer to a signed request.
        """
        response = exchange.response
        if not contract.operation.signed or response.fate != "answered":
            return
        self._recognised = True
        if response.status < 400:
            return
        error = contract.protocol.decode_error(contract.service, response)
        if error.code in (_REFUSED_KEYS if self.plan.access_key else _UNKNOWN_KEYS):
            hint = "Are the profile, the region and this machine's clock right?"
            if not self.plan.access_key:
                hint = "Give keys that it knows: --profile NAME, or --credentials FILE."
            said = " ".join(without_secrets(error.message or "", self.secrets(contract, exchange)).split())
            reason = f"{error.code} ({said[:_SAID]})" if said else error.code
            raise TargetUnreachableError(f"{self.plan.target_name} refuses our keys: {reason}.", hint)

    def keep_secret(self, text: str) -> None:
        """A text that is a secret, whoever made it, is not shown wherever it comes up again."""
        self._known = None
        self._issued.pop(text, None)
        self._issued[text] = None
        while len(self._issued) > _ISSUED:
            del self._issued[next(iter(self._issued))]

    def _keep_secrets(self, contract: OperationContract, exchange: Exchange) -> None:
        """Remember what the target issues: later requests and answers may hold it anywhere.

        What was put into a sensitive member is the kit's own, unless it came from the target.
        """
        body = exchange.request.body
        for text in secrets_in(contract.protocol.masking, contract.service, contract.operation.input, body):
            if text not in self._issued:
                self._sent[text] = None
        while len(self._sent) > _SENT:
            del self._sent[next(iter(self._sent))]
        for text in self._secrets_of(contract, exchange):
            self.keep_secret(text)

    def _noticed(self, exchange: Exchange) -> Exchange:
        self.last = exchange if exchange.response.fate != "gone" else self.last
        return exchange

    def put(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Upload to an address that the target handed out; it must pass the same guard as the target's."""
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(url)
        except ValueError as error:
            request = Request("PUT", "/", tuple(headers.items()), body)
            detail = f"the address is no URL: {error}"
            return Exchange(request, Response(0, fate="refused", detail=detail), self.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        request = Request("PUT", path, tuple(headers.items()), body)
        return self.channel.send_plain(request, f"{parts.scheme}://{parts.netloc}")

    def send_at_once(
        self, contract: Contract, requests: Sequence[tuple[Operation, Request]]
    ) -> tuple[Exchange, ...]:
        """Sign requests, and send them all at the same moment, each on a connection of its own.

        Their exchanges, in the order of the requests. A recording answers them one after the other.
        """
        exchanges = self.channel.send_at_once(
            [_call(contract.of(operation), request) for operation, request in requests]
        )
        for (operation, _), exchange in zip(requests, exchanges, strict=True):
            self._keep_secrets(contract.of(operation), exchange)
        return exchanges

    @property
    def moves_time(self) -> bool:
        """Whether the target claims that its time can be moved."""
        return "clock" in self.plan.target.claims

    def pass_time(self, seconds: float) -> str:
        """Move the target's time forward; what went wrong, or the empty string."""
        body = json.dumps({"seconds": seconds}).encode()
        request = Request("POST", ADVANCE_PATH, (("Content-Type", "application/json"),), body)
        response = self._noticed(self.channel.send_plain(request)).response
        if 200 <= response.status < 300:
            return ""
        return f"POST {ADVANCE_PATH} was answered with {response.status or response.fate}"

    def invoke(self, contract: OperationContract, document: Any) -> Exchange:
        """Encode, sign and send a document as it is."""
        request = contract.encode_request(document)
        return self.send(contract, request)

    def invented(self, contract: OperationContract, document: Any) -> Fingerprint | None:
        """The fingerprint of the answer to an operation that no service has, asked with the same input.

        None where the protocol has no such request: it would be the operation's own.
        """
        request = contract.encode_request(document)
        invented = contract.protocol.invented(contract.service, contract.operation, request)
        if invented is None or invented[1] == request:
            return None
        name, request = invented
        unknown = replace(contract.operation, name=name)
        return fingerprint(self.send(contract.service_contract.of(unknown), request).response, name)


def _call(
    contract: OperationContract, request: Request, principal: str = "own", signature: str = ""
) -> OutgoingCall:
    return OutgoingCall(
        contract.service, contract.protocol, contract.operation, request, principal, signature
    )


def secret_texts(plan: Plan) -> tuple[str, ...]:
    """The texts that nothing may show: keys of the plan's, and secrets of the environment."""
    headers = (value for _, value in plan.headers if len(value) >= SHORTEST_SECRET)
    own = (plan.secret_key, plan.session_token, plan.access_key, *headers)
    return tuple(dict.fromkeys(text for text in (*own, *environment_secrets(os.environ)) if text))
