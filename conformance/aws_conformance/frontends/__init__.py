# SPDX-License-Identifier: Apache-2.0
"""The ways in: the commands, the pytest plugin, and the configuration that both read.

It owns words that users write (options, settings, names of targets) and how they become a plan. It refuses
to decide anything about a target: whatever is a verdict comes from the engine's events.
"""
