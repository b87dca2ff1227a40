# SPDX-License-Identifier: Apache-2.0
"""Whose account our keys are of, asked of AWS before anything else is.

It owns the question. It refuses to know what follows from the answer.
"""

from __future__ import annotations

from ...cases.contract import Contract
from ...errors import TargetUnreachableError, UsageError
from ..channel import Channel, OutgoingCall

__all__ = ["require_account"]


def require_account(channel: Channel, account: str, contract: Contract) -> None:
    """Return if the keys are of that account; `contract` is that of STS, who knows.

    Raises UsageError if they are of another, TargetUnreachableError if AWS does not say whose they are.
    """
    operation = contract.operation("GetCallerIdentity")
    request = contract.protocol.encode_request(contract.service, operation, {})
    exchange = channel.send(OutgoingCall(contract.service, contract.protocol, operation, request))
    response = exchange.response
    if response.fate != "answered":
        raise TargetUnreachableError(
            f"{exchange.url} does not say whose keys these are: {response.fate} {response.detail}".rstrip(),
            "Is this machine on the net, and the region right?",
        )
    if response.status != 200:
        code = contract.protocol.decode_error(contract.service, response).code or response.status
        raise TargetUnreachableError(
            f"AWS refuses our keys: {code}.", "Are the profile, the region and this machine's clock right?"
        )
    document = contract.protocol.decode_response(contract.service, operation, response).document
    owner = document.get("Account") if isinstance(document, dict) else None
    if owner != account:
        raise UsageError(
            f"The keys are of the account {owner}, not of {account}.", "Name the profile of the one you own."
        )
