# SPDX-License-Identifier: Apache-2.0
"""What the pytest plugin does once a run asks for it; pytest_plugin.py owns the names by which it asks.

Items that check a target (items, runs), cases for a user's own tests (cases_api, target), the watching of
suites that know nothing of us (observe), and stubs for consumers (stubs). Nothing here is imported before.
"""
