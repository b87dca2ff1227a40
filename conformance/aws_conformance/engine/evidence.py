# SPDX-License-Identifier: Apache-2.0
"""Evidence that a target does not implement an operation, in one of its answers or in its log.

It owns what counts as evidence. It refuses to know how much of it is needed, which is its caller's to say.
"""

from __future__ import annotations

import re
import time

from ..cases.contract import OperationContract
from ..checks.response import DecodedResponse
from ..http import Response
from ..reproduce.mask import without_secrets
from .session import Fingerprint, Session, fingerprint

__all__ = ["Evidence", "is_unknown", "speaks_for_itself"]

_AS_INVENTED = "exactly as to an operation that does not exist"
# How long, in seconds, a line of a target's log may lag behind the answer that it explains.
_LOG_DELAY = 0.2
# So much of a line of a log is told.
_LONGEST_LINE = 160
# And between two looks at it: first and at most.
_LOOK, _LONGEST_LOOK = 0.002, 0.02


def speaks_for_itself(evidence: str) -> bool:
    """Whether a target has said, by its status, words or log, that it does not implement an operation."""
    return bool(evidence) and not evidence.endswith(_AS_INVENTED)


def is_unknown(session: Session, contract: OperationContract, document: object, response: Response) -> bool:
    """Whether a refusal is, letter by letter, that of an operation that no service has.

    Only where requests name their operation and the code is none that the operation declares: a path that
    leads nowhere is refused as a thing that is not there is.
    """
    if not 400 <= response.status < 500:
        return False
    service = contract.service
    code = contract.protocol.decode_error(service, response).code
    if code in {service.error_code(name) for name in contract.operation.errors}:
        return False
    request = contract.encode_request(document)
    invented = contract.protocol.invented(service, contract.operation, request)
    if invented is None or contract.protocol.operation_named(service, invented[1]) != invented[0]:
        return False
    return session.invented(contract, document) == fingerprint(response, contract.name)


class Evidence:
    """What is known of one operation's being implemented by one target.

    `logged` tells whether the last evidence is a line of the target's log, which is the last of an answer's.
    """

    def __init__(self, session: Session, contract: OperationContract) -> None:
        self._session = session
        self._contract = contract
        self._canaries: dict[str, Fingerprint | None] = {}
        self.logged = False

    def of(self, document: object, answer: DecodedResponse, mark: int) -> str:
        """Evidence in this one answer that the operation is not implemented, or the empty string.

        `document` is what was sent, `mark` where the target's log stood before.
        """
        response = answer.response
        self.logged = False
        if answer.kind != "error":
            return ""
        if response.status == 501:
            return "answers 501 Not Implemented"
        text = response.body[:4096].decode("utf-8", "replace")
        for signature in self._session.not_implemented:
            if signature in text:
                return f"answers {response.status} with {signature!r}"
        if response.status >= 500 or response.status == 404:
            # Who refuses by a declared code has the operation, and nothing more to say in its log.
            declared = {self._contract.service.error_code(name) for name in self._contract.operation.errors}
            logged = self._logged(mark, wait=answer.code not in declared)
            if logged:
                self.logged = True
                return f"answers {response.status} and logs {logged!r}"
        if response.status < 500 and self._same_as_invented(document, answer):
            said = f"{response.status} {answer.code}".strip()
            return f"answers {said} {_AS_INVENTED}"
        return ""

    def ambiguous(self, document: object, answer: DecodedResponse) -> str:
        """Why this 5xx tells neither of a crash nor of absence, or the empty string.

        It is what an invented operation gets too, and no log of the target can be read that would say more.
        """
        unclear = answer.kind == "error" and answer.response.status >= 500 and not self._session.reads_log
        if not unclear or not self._same_as_invented(document, answer):
            return ""
        return (
            f"absent or crashing: {answer.response.status}, as to an operation that does not exist;"
            " use --start or a preset"
        )

    def _logged(self, mark: int, *, wait: bool) -> str:
        """The line of a started target's log that says so; it may be written after the answer was."""
        patient = wait and bool(self._session.not_implemented)
        deadline = time.monotonic() + (_LOG_DELAY if patient else 0.0)
        look = _LOOK
        while True:
            lines = [
                line.strip()
                for line in self._session.channel.log_since(mark).splitlines()
                if any(signature in line for signature in self._session.not_implemented)
            ]
            # Lines of earlier requests may still be arriving: one that names the operation is sure.
            own = [line for line in lines if self._names_operation(line)]
            if own:
                self._session.channel.note(own[-1])
                secrets = self._session.secrets(self._contract, None)
                return without_secrets(own[-1], secrets)[:_LONGEST_LINE]
            if time.monotonic() >= deadline:
                return ""
            time.sleep(look)
            look = min(2 * look, _LONGEST_LOOK)

    def _names_operation(self, line: str) -> bool:
        """Whether a line of a log names the operation, in whatever case and with whatever words parted."""
        return self._contract.name.lower() in re.sub(r"[_ -]", "", line).lower()

    def _same_as_invented(self, document: object, answer: DecodedResponse) -> bool:
        key = repr(type(document))
        if key not in self._canaries:
            canary = self._session.invented(self._contract, document)
            # A target that dies of it has said nothing; that it dies has cases of its own.
            self._canaries[key] = None if self._session.liveness.death else canary
        return fingerprint(answer.response, self._contract.name) == self._canaries[key]
