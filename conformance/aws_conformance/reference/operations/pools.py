# SPDX-License-Identifier: Apache-2.0
"""User pools: what users, clients and import jobs need around them.

It owns what the five operations take and give, and the defaults of what a pool shows. Business rules
between the members of a pool (a policy that contradicts another, a feature of a tier) are not checked:
whatever the model allows is taken and shown again.
"""

from __future__ import annotations

from ..attributes import pool_schema
from ..jobs import discard
from ..pagination import page, redeem
from ..refusal import Refusal
from ..store import Document, Pool
from .call import Call, identifier

__all__ = [
    "create_user_pool",
    "delete_user_pool",
    "describe_user_pool",
    "list_user_pools",
    "update_user_pool",
]

# Input members that the output knows by the same name.
_SHOWN = (
    "LambdaConfig",
    "AutoVerifiedAttributes",
    "AliasAttributes",
    "UsernameAttributes",
    "SmsVerificationMessage",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "SmsAuthenticationMessage",
    "UserAttributeUpdateSettings",
    "DeviceConfiguration",
    "SmsConfiguration",
    "UserPoolAddOns",
    "DcrConfiguration",
    "UsernameConfiguration",
    "KeyConfiguration",
    "IssuerConfiguration",
    "AcrConfiguration",
)
_PASSWORD_POLICY: Document = {
    "MinimumLength": 8,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "TemporaryPasswordValidityDays": 7,
}
_SIGN_IN_POLICY: Document = {"AllowedFirstAuthFactors": ["PASSWORD"]}
_RECOVERY: Document = {
    "RecoveryMechanisms": [
        {"Priority": 1, "Name": "verified_email"},
        {"Priority": 2, "Name": "verified_phone_number"},
    ]
}


# What a pool is created with for good: UpdateUserPool doesn't take these.
_FIXED = (
    "Id",
    "Name",
    "Arn",
    "CreationDate",
    "SchemaAttributes",
    "AliasAttributes",
    "UsernameAttributes",
    "UsernameConfiguration",
)


# What UpdateUserPool takes, and leaves as it was where it is not sent.
_STAYING = ("DcrConfiguration",)


def create_user_pool(call: Call) -> Document:
    parameters = call.input
    pool_id = f"{call.settings.region}_{identifier(call.random, 9)}"
    now = round(call.now, 3)
    document: Document = {
        "Id": pool_id,
        "Name": parameters["PoolName"],
        "Arn": f"arn:aws:cognito-idp:{call.settings.region}:{call.account.id}:userpool/{pool_id}",
        "LastModifiedDate": now,
        "CreationDate": now,
        "SchemaAttributes": pool_schema(parameters.get("Schema", [])),
        **_configuration(parameters),
    }
    pool = Pool(next(call.store.numbers), pool_id, call.account, document)
    call.store.pools[pool_id] = pool
    call.account.pools[pool_id] = pool
    return {"UserPool": _show(pool)}


def _configuration(parameters: Document) -> Document:
    """What can be set about a pool, as given or by default."""
    policies = parameters.get("Policies", {})
    template = {
        "DefaultEmailOption": "CONFIRM_WITH_CODE",
        **parameters.get("VerificationMessageTemplate", {}),
    }
    email = {"EmailSendingAccount": "COGNITO_DEFAULT", **parameters.get("EmailConfiguration", {})}
    admin = {
        "AllowAdminCreateUserOnly": False,
        "UnusedAccountValidityDays": 7,
        **parameters.get("AdminCreateUserConfig", {}),
    }
    return {
        "Policies": {
            "PasswordPolicy": policies.get("PasswordPolicy", _PASSWORD_POLICY),
            "SignInPolicy": policies.get("SignInPolicy", _SIGN_IN_POLICY),
        },
        "DeletionProtection": parameters.get("DeletionProtection", "INACTIVE"),
        "LambdaConfig": {},
        "VerificationMessageTemplate": template,
        "MfaConfiguration": parameters.get("MfaConfiguration", "OFF"),
        "EmailConfiguration": email,
        "UserPoolTags": parameters.get("UserPoolTags", {}),
        "AdminCreateUserConfig": admin,
        "AccountRecoverySetting": parameters.get("AccountRecoverySetting", _RECOVERY),
        "UserPoolTier": parameters.get("UserPoolTier", "ESSENTIALS"),
        **{name: parameters[name] for name in _SHOWN if name in parameters},
    }


def update_user_pool(call: Call) -> Document:
    """Replace what can be set about a pool.

    Documented: what is left out is set back to its default, but for how clients register themselves, which
    stays; and no pool changes while users come in.

    Not recorded, and chosen here: this holds of tags too, a name that is left out stays, because there is
    no default of it, and only a job that is pending, in progress or stopping is in the way.
    """
    pool = call.pool()
    active = call.account.active
    if active is not None and active.pool is pool:
        raise Refusal(
            "UserImportInProgressException",
            f"User pool {pool.id} can not be updated while import job {active.id} is {active.status}.",
        )
    fixed = {name: pool.document[name] for name in _FIXED if name in pool.document}
    renamed = {"Name": call.input["PoolName"]} if "PoolName" in call.input else {}
    staying = {name: pool.document[name] for name in _STAYING if name in pool.document}
    pool.document = {
        **fixed,
        **staying,
        **renamed,
        "LastModifiedDate": round(call.now, 3),
        **_configuration(call.input),
    }
    return {}


def describe_user_pool(call: Call) -> Document:
    return {"UserPool": _show(call.pool())}


def list_user_pools(call: Call) -> Document:
    """A page of the caller's pools, in the order of their creation (AWS documents none)."""
    listing = f"{call.operation} {call.account.id}"
    after = redeem(listing, call.input["NextToken"]) if "NextToken" in call.input else 0
    pools = (pool for pool in call.account.pools.values() if pool.number > after)
    listed, token = page(pools, call.input["MaxResults"], listing, lambda pool: pool.number)
    shown = ("Id", "Name", "LambdaConfig", "LastModifiedDate", "CreationDate")
    document: Document = {"UserPools": [{name: pool.document[name] for name in shown} for pool in listed]}
    if token is not None:
        document["NextToken"] = token
    return document


def delete_user_pool(call: Call) -> Document:
    """The pool goes, with its users, clients and jobs.

    The model declares UserImportInProgressException, the developer guide says that the job of a deleted
    pool fails; here the guide is followed. A pool with deletion protection is refused, as recorded.
    """
    pool = call.pool()
    if pool.document["DeletionProtection"] == "ACTIVE":
        raise Refusal(
            "InvalidParameterException",
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first.",
        )
    discard(pool)
    del call.store.pools[pool.id]
    del call.account.pools[pool.id]
    return {}


def _show(pool: Pool) -> Document:
    return {**pool.document, "EstimatedNumberOfUsers": len(pool.users)}
