# SPDX-License-Identifier: Apache-2.0
"""What came of a run: its events, and all that is a function of events alone.

It owns the events, the verdict with its exit code, the baseline of known violations, and one pure reporter
for each format. It refuses to know how events came about, and what time it is.
"""
