# SPDX-License-Identifier: Apache-2.0
"""The commands, one module per subject: each reads its options and hands over to the package.

Commands return an exit code and raise ConformanceError; cli.py turns both into a process's end. What is
heavy (the engine, models, validators, rich) is imported when a command runs, because `--help` and shell
completion must not wait for it.
"""
