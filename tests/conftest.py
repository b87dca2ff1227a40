"""What all tests share: this suite's own mark."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark of tests that take long."""
    config.addinivalue_line("markers", "slow: reads the models of all services; deselect with -m 'not slow'")
