# SPDX-License-Identifier: Apache-2.0
"""The door to the command `aws-conformance` for Python: the group of its commands, and `main`.

It owns no more than these names (frontends/command_line.py), and refuses to know what a command does.
"""

from __future__ import annotations

from .frontends.command_line import cli, main

__all__ = ["cli", "main"]
