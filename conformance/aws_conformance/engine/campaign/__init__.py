# SPDX-License-Identifier: Apache-2.0
"""Campaigns: a plan as units of work, carried out on any number of machines, that no kill can undo."""
