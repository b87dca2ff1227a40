# SPDX-License-Identifier: Apache-2.0
"""Scripts carried out on a target: `walk` makes the moves of one, `phase` has those of an operation."""
