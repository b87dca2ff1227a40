"""What all tests share: this suite's own mark, and that Ctrl-C means Ctrl-C to the processes they start."""

from __future__ import annotations

import signal

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark of tests that take long, and take back an ignored SIGINT.

    A shell that runs us in the background has SIGINT ignored, and processes inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "slow: reads the models of all services; deselect with -m 'not slow'")
