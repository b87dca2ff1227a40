# SPDX-License-Identifier: Apache-2.0
"""The operations that the reference implements: one function each, in one table.

It owns the table. What a handler gets is a Call; what it returns is the output's document; what it
refuses it raises as a Refusal before it changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from ..store import Document
from . import clients, import_jobs, pools, sign_in, user_attributes, user_states, users
from .call import Call

__all__ = ["HANDLERS", "Call", "Handler"]

Handler: TypeAlias = Callable[[Call], Document]

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "AdminCreateUser": users.admin_create_user,
        "AdminDeleteUser": users.admin_delete_user,
        "AdminDeleteUserAttributes": user_attributes.admin_delete_user_attributes,
        "AdminDisableUser": user_states.admin_disable_user,
        "AdminEnableUser": user_states.admin_enable_user,
        "AdminGetUser": users.admin_get_user,
        "AdminInitiateAuth": sign_in.admin_initiate_auth,
        "AdminResetUserPassword": user_states.admin_reset_user_password,
        "AdminSetUserPassword": user_states.admin_set_user_password,
        "AdminUpdateUserAttributes": user_attributes.admin_update_user_attributes,
        "AdminUserGlobalSignOut": user_states.admin_user_global_sign_out,
        "CreateUserImportJob": import_jobs.create_user_import_job,
        "CreateUserPool": pools.create_user_pool,
        "CreateUserPoolClient": clients.create_user_pool_client,
        "DeleteUserPool": pools.delete_user_pool,
        "DeleteUserPoolClient": clients.delete_user_pool_client,
        "DescribeUserImportJob": import_jobs.describe_user_import_job,
        "DescribeUserPool": pools.describe_user_pool,
        "DescribeUserPoolClient": clients.describe_user_pool_client,
        "GetCSVHeader": import_jobs.get_csv_header,
        "ListUserImportJobs": import_jobs.list_user_import_jobs,
        "ListUserPoolClients": clients.list_user_pool_clients,
        "ListUserPools": pools.list_user_pools,
        "ListUsers": users.list_users,
        "StartUserImportJob": import_jobs.start_user_import_job,
        "StopUserImportJob": import_jobs.stop_user_import_job,
        "UpdateUserPool": pools.update_user_pool,
    }
)
