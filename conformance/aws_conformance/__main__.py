# SPDX-License-Identifier: Apache-2.0
"""`python -m aws_conformance`, and where the command `aws-conformance` begins.

It owns the time before the command line is imported, which takes long enough to be interrupted. It
refuses to know anything else (frontends/command_line.py).
"""

from __future__ import annotations

import sys

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> int:
    """Runs the command line of this process and returns its exit code."""
    try:
        from .frontends.command_line import main as run_command_line

        return run_command_line()
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
