# SPDX-License-Identifier: Apache-2.0
"""Histories walked on a target: moves made, answers judged, beliefs kept, the shortest history found.

`lives` is the way in: the histories of one operation. The others are its parts: a `stage` (one target with a
setup), a `walk` on it, and what a walk is made of. They refuse to know an operation's other cases.
"""

from __future__ import annotations
