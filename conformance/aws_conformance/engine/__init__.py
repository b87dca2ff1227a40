# SPDX-License-Identifier: Apache-2.0
"""The engine: a plan goes in, events come out; it never prints and never exits.

`run` in run.py is the one way in for all front ends, and `replay` in replay.py for the findings of a run
before. It owns plans, sessions with targets, how cases and histories are tried, and recordings. It refuses
to know who asked, and how events are shown.
"""
