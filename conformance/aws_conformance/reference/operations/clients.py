# SPDX-License-Identifier: Apache-2.0
"""App clients: what signs users in, and what an administrator knows of them.

It owns what the four operations take and give, and the defaults of what a client shows. As with pools,
rules between the members of a client (flows of the old kind beside the new, a scope that no resource
server has) are not checked: whatever the model allows is taken and shown again.
"""

from __future__ import annotations

import string
from random import Random

from ..pagination import page, redeem
from ..refusal import Refusal
from ..store import Client, Document
from .call import Call

__all__ = [
    "create_user_pool_client",
    "delete_user_pool_client",
    "describe_user_pool_client",
    "list_user_pool_clients",
]

_PAGE_LIMIT = 60
_ID_LENGTH = 26
_SECRET_LENGTH = 51
_LOWER_CASE = string.ascii_lowercase + string.digits
# Documented: 30 days, and 0 stands for them.
_REFRESH_DAYS = 30

# Input members that the output knows by the same name.
_SHOWN = (
    "ClientSecret",
    "AccessTokenValidity",
    "IdTokenValidity",
    "ReadAttributes",
    "WriteAttributes",
    "ExplicitAuthFlows",
    "SupportedIdentityProviders",
    "CallbackURLs",
    "LogoutURLs",
    "DefaultRedirectURI",
    "AllowedOAuthFlows",
    "AllowedOAuthScopes",
    "AnalyticsConfiguration",
    "PreventUserExistenceErrors",
    "RefreshTokenRotation",
)


def create_user_pool_client(call: Call) -> Document:
    """A new client, with a secret if one is given or asked for; documented: not both.

    Not recorded, and chosen here: flows that are left out are not shown, though documents name some that
    then are allowed.
    """
    pool, parameters = call.pool(), call.input
    if parameters.get("GenerateSecret", False) and "ClientSecret" in parameters:
        raise Refusal(
            "InvalidParameterException",
            "GenerateSecret and ClientSecret exclude each other.",
        )
    now = round(call.now, 3)
    client_id = _lower_case(call.random, _ID_LENGTH)
    document: Document = {
        "UserPoolId": pool.id,
        "ClientName": parameters["ClientName"],
        "ClientId": client_id,
        "LastModifiedDate": now,
        "CreationDate": now,
        "RefreshTokenValidity": parameters.get("RefreshTokenValidity", 0) or _REFRESH_DAYS,
        "TokenValidityUnits": parameters.get("TokenValidityUnits", {}),
        "AllowedOAuthFlowsUserPoolClient": parameters.get("AllowedOAuthFlowsUserPoolClient", False),
        "EnableTokenRevocation": parameters.get("EnableTokenRevocation", True),
        "EnablePropagateAdditionalUserContextData": parameters.get(
            "EnablePropagateAdditionalUserContextData", False
        ),
        "AuthSessionValidity": parameters.get("AuthSessionValidity", 3),
        **{name: parameters[name] for name in _SHOWN if name in parameters},
    }
    if parameters.get("GenerateSecret", False):
        document["ClientSecret"] = _lower_case(call.random, _SECRET_LENGTH)
    pool.clients[client_id] = Client(next(call.store.numbers), client_id, document)
    return {"UserPoolClient": document}


def describe_user_pool_client(call: Call) -> Document:
    return {"UserPoolClient": call.client().document}


def list_user_pool_clients(call: Call) -> Document:
    """A page of the pool's clients, in the order of their creation (AWS documents none).

    Not recorded, and chosen here: without MaxResults a page is as long as one may be. Of the type DCR,
    which clients get that register themselves, there are none.
    """
    pool = call.pool()
    kind = call.input.get("ClientType", "REGULAR")
    listing = f"{call.operation} {pool.id} {kind}"
    after = redeem(listing, call.input["NextToken"]) if "NextToken" in call.input else 0
    clients = (client for client in pool.clients.values() if client.number > after and kind == "REGULAR")
    size = call.input.get("MaxResults", _PAGE_LIMIT)
    listed, token = page(clients, size, listing, lambda client: client.number)
    shown = ("ClientId", "UserPoolId", "ClientName")
    document: Document = {
        "UserPoolClients": [{name: client.document[name] for name in shown} for client in listed]
    }
    if token is not None:
        document["NextToken"] = token
    return document


def delete_user_pool_client(call: Call) -> Document:
    del call.pool().clients[call.client().id]
    return {}


def _lower_case(random: Random, length: int) -> str:
    """Lower-case letters and digits, of which ids and secrets of clients are made."""
    return "".join(random.choices(_LOWER_CASE, k=length))
