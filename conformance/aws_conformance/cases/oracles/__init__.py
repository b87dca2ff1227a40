# SPDX-License-Identifier: Apache-2.0
"""Scripts that need nothing but a model: create it, read it, change it, list it, take it away.

`words` reads the names of operations, `families` finds what belongs to one kind of resource, `scripts` makes
short histories of it. What the answers ought to tell is judged in checks/oracles.
"""
