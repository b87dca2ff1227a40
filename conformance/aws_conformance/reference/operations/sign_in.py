# SPDX-License-Identifier: Apache-2.0
"""Signing a user in on an administrator's word: by password, and by nothing else.

It owns the order of refusals, the challenge of a temporary password, and tokens. It refuses to know how
passwords are kept. A token has the form of a JWT and proves nothing: no operation here takes one, so
nothing has to verify it.

Not recorded, and chosen here: the order of refusals, which is the client, the flow, the parameters, the
client's secret, the user, what the user may do, the password; so a user who is disabled or has to reset
the password is refused as such whatever the password. An access token lives for an hour whatever the client's
AccessTokenValidity says, and a challenge's Session leads nowhere yet.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from random import Random
from typing import Any

from ..attributes import schema_of
from ..passwords import matches
from ..refusal import Refusal
from ..store import Client, Document, Pool, User
from .call import Call

__all__ = ["admin_initiate_auth"]

_FLOW = "ADMIN_USER_PASSWORD_AUTH"
# Documented: the flow, and what the same was called before.
_ALLOWING = frozenset(("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"))
_LIFETIME = 3_600
_SESSION_BYTES = 96


def admin_initiate_auth(call: Call) -> Document:
    """Tokens for a confirmed user with the right password, or the challenge to choose another one."""
    pool, client = call.pool(), call.client()
    if call.input["AuthFlow"] != _FLOW:
        # Not recorded for a flow that AWS has and this server doesn't.
        raise Refusal(
            "InvalidParameterException", f"Auth flow {call.input['AuthFlow']} is not supported: {_FLOW} is."
        )
    if client.flows.isdisjoint(_ALLOWING):
        raise Refusal("InvalidParameterException", "Auth flow not enabled for this client")
    parameters: dict[str, str] = call.input.get("AuthParameters", {})
    for name in ("USERNAME", "PASSWORD"):
        if not parameters.get(name):
            raise Refusal("InvalidParameterException", f"Missing required parameter {name}")
    _check_secret(client, parameters)
    user = _signed_in(pool, client, parameters["USERNAME"], parameters["PASSWORD"])
    if user.status == "FORCE_CHANGE_PASSWORD":
        return _new_password_required(call, pool, user)
    return {
        "ChallengeParameters": {},
        "AuthenticationResult": {
            "AccessToken": _token(call, pool, client, user, "access"),
            "ExpiresIn": _LIFETIME,
            "TokenType": "Bearer",
            "RefreshToken": _opaque(call.random),
            "IdToken": _token(call, pool, client, user, "id"),
        },
    }


def _check_secret(client: Client, parameters: dict[str, str]) -> None:
    """Refuse a wrong SECRET_HASH.

    Documented: for a client with a secret, it is an HMAC of user name and client id by that secret.
    """
    secret: str | None = client.document.get("ClientSecret")
    if secret is None:
        return
    if "SECRET_HASH" not in parameters:
        raise Refusal(
            "NotAuthorizedException",
            f"Client {client.id} is configured with secret but SECRET_HASH was not received",
        )
    message = f"{parameters['USERNAME']}{client.id}".encode()
    expected = base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest())
    if not hmac.compare_digest(expected, parameters["SECRET_HASH"].encode()):
        raise Refusal("NotAuthorizedException", f"Unable to verify secret hash for client {client.id}")


def _signed_in(pool: Pool, client: Client, username: str, password: str) -> User:
    """The user of that name and password. Raises Refusal if there is none, or not one who may sign in."""
    wrong = Refusal("NotAuthorizedException", "Incorrect username or password.")
    user = pool.find(username)
    if user is None:
        # Documented: such a client does not tell who exists.
        if client.document.get("PreventUserExistenceErrors") == "ENABLED":
            raise wrong
        raise Refusal("UserNotFoundException", "User does not exist.")
    if not user.enabled:
        raise Refusal("NotAuthorizedException", "User is disabled.")
    if user.status == "RESET_REQUIRED":
        raise Refusal("PasswordResetRequiredException", "Password reset required for the user")
    if not matches(user.password, password):
        raise wrong
    return user


def _new_password_required(call: Call, pool: Pool, user: User) -> Document:
    """The challenge, with the user's attributes and the required ones that are missing, as JSON texts."""
    shown = {name: value for name, value in user.attributes.items() if name != "sub"}
    missing = [
        f"userAttributes.{name}"
        for name, attribute in schema_of(pool).items()
        if attribute["Required"] and name not in user.attributes
    ]
    return {
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": _base64url(call.random.randbytes(_SESSION_BYTES)),
        "ChallengeParameters": {
            "USER_ID_FOR_SRP": user.username,
            "requiredAttributes": json.dumps(missing),
            "userAttributes": json.dumps(shown),
        },
    }


def _token(call: Call, pool: Pool, client: Client, user: User, use: str) -> str:
    """A token of that use, whose claims can be read and whose signature is none."""
    now = int(call.now)
    claims: dict[str, Any] = {
        "sub": user.attributes["sub"],
        "iss": f"https://cognito-idp.{call.settings.region}.amazonaws.com/{pool.id}",
        "token_use": use,
        "auth_time": now,
        "iat": now,
        "exp": now + _LIFETIME,
        "jti": str(uuid.UUID(int=call.random.getrandbits(128), version=4)),
    }
    if use == "access":
        claims |= {"client_id": client.id, "username": user.username}
    else:
        claims |= {"aud": client.id, "cognito:username": user.username}
    header = {"kid": "conformance-reference", "alg": "RS256"}
    signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{_base64url(call.random.randbytes(256))}"


def _opaque(random: Random) -> str:
    """A token whose three parts mean nothing."""
    return ".".join(_base64url(random.randbytes(size)) for size in (24, 192, 32))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
