# SPDX-License-Identifier: Apache-2.0
"""The front door: the text of a page becomes a Page, joined with the installed model of its service."""

from __future__ import annotations

from ..botocore import load_service, service_names
from .join import join, service_of
from .page import Page, read_page

__all__ = ["parse_page"]


def parse_page(
    text: str,
    *,
    name: str = "<page>",
    service: str | None = None,
    protocols: tuple[str, ...] = (),
    joined: bool = True,
) -> Page:
    """The Page that a CLI reference page says, in any form that such pages have had since 2017.

    `name` is for messages. `service` is botocore's folder name, for pages that do not say; `protocols` are
    for services of which no model is installed. With `joined=False` nothing but the text is used.

    Raises PageError with the line and what was expected there, UsageError for an unknown `service` without
    `protocols`.
    """
    page = read_page(text, name, service, protocols)
    if not joined:
        return page
    command = page.command.split()[1] if len(page.command.split()) > 2 else ""
    folder_name = service or service_of(page.uid, command)
    # With a protocol of the caller's, a service of which there is no model can be worked with all the same.
    if folder_name is None or (protocols and folder_name not in service_names()):
        return page
    return join(page, load_service(folder_name))
