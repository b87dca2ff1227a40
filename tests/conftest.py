"""What all tests share: this folder on the import path, for the modules of data that several tests read.

pytest puts the folder of a conftest.py on the path. One mark is registered here as well.
"""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Register this suite's own mark."""
    config.addinivalue_line("markers", "slow: reads the models of all services; deselect with -m 'not slow'")
