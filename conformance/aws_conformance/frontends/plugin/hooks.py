# SPDX-License-Identifier: Apache-2.0
"""The hook that the plugin offers to others.

It owns the hook's name and form, and imports nothing of the package: every pytest run reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from ...results.events import Event

__all__ = ["pytest_conformance_event"]


def pytest_conformance_event(config: pytest.Config, event: Event) -> None:
    """Called with each event of an exploration, in order, in the process that explores."""
