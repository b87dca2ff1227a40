"""The operations that the reference implements: one function each, in one table.

It owns the table. What a handler gets is a Call; what it returns is the output's document; what it
refuses it raises as a Refusal before it changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from ..store import Document
from . import import_jobs, pools, users
from .call import Call

__all__ = ["HANDLERS", "Call", "Handler"]

Handler: TypeAlias = Callable[[Call], Document]

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "AdminCreateUser": users.admin_create_user,
        "AdminDeleteUser": users.admin_delete_user,
        "AdminGetUser": users.admin_get_user,
        "CreateUserImportJob": import_jobs.create_user_import_job,
        "CreateUserPool": pools.create_user_pool,
        "DeleteUserPool": pools.delete_user_pool,
        "DescribeUserImportJob": import_jobs.describe_user_import_job,
        "DescribeUserPool": pools.describe_user_pool,
        "GetCSVHeader": import_jobs.get_csv_header,
        "ListUserImportJobs": import_jobs.list_user_import_jobs,
        "ListUserPools": pools.list_user_pools,
        "ListUsers": users.list_users,
        "StartUserImportJob": import_jobs.start_user_import_job,
        "StopUserImportJob": import_jobs.stop_user_import_job,
    }
)
