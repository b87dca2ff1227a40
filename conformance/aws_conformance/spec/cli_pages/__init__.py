# SPDX-License-Identifier: Apache-2.0
"""A page of the AWS CLI reference, read as what it says of one operation's shapes.

It owns the grammar of those pages in every form since 2017 and refuses to know what shapes are for. A
page has no protocol, errors or sensitivity; `join` takes those from a model, and `Page.limits` says so.
"""

from .join import join, service_of
from .page import Option, Page, read_page
from .parse import parse_page
from .source import PageError

__all__ = ["Option", "Page", "PageError", "join", "parse_page", "read_page", "service_of"]
