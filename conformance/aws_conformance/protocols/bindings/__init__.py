# SPDX-License-Identifier: Apache-2.0
"""The HTTP bindings that the REST protocols share: members in URI, headers, status and body."""
