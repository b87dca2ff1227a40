# SPDX-License-Identifier: Apache-2.0
"""What no report of observed calls may show, as far as the calls themselves tell it.

It owns which texts these are, and how long they are held. It refuses to know what is wrong with a call.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...cases.contract import Contract
from ...engine.masked_events import violation_without
from ...http import header
from ...protocols.masking import secrets_in
from ...reproduce.redact import hidden_texts
from ...reproduce.secret_variables import environment_secrets
from ...results.events import Violation
from .observed_call import ObservedCall

__all__ = ["CallSecrets"]

_ACCESS_KEY = re.compile(r"Credential=([^/,\s]{6,})")
# A target repeats what it has issued lately.
_MOST = 2_000


@dataclass(slots=True)
class CallSecrets:
    """Secrets of the environment, of calls' keys, and of the last sensitive members of both sides."""

    _texts: dict[str, None] = field(default_factory=dict)

    def keep(self, contract: Contract, name: str, call: ObservedCall, document: Any) -> None:
        """Take in a call whose request has that document."""
        operation, masking = contract.operation(name), contract.protocol.masking
        texts = list(hidden_texts(contract.service, operation.input, document))
        response = call.response
        if response is not None:
            root = operation.output if 200 <= response.status < 300 else None
            texts += secrets_in(masking, contract.service, root, response.body)
        token = header(call.request.headers, "x-amz-security-token")
        key = _ACCESS_KEY.search(header(call.request.headers, "authorization") or "")
        texts += [text for text in (token, key[1] if key else None) if text]
        for text in texts:
            self._texts.pop(text, None)
            self._texts[text] = None
        while len(self._texts) > _MOST:
            del self._texts[next(iter(self._texts))]

    def without(self, violations: Iterable[Violation]) -> tuple[Violation, ...]:
        """The violations as they may be shown."""
        secrets = (*environment_secrets(os.environ), *self._texts)
        return tuple(violation_without(violation, secrets) for violation in violations)
