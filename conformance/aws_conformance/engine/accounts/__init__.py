# SPDX-License-Identifier: Apache-2.0
"""Runs on an account at AWS: which requests may be sent there, where to, and by whom.

It owns the rules. It refuses to know what requests are for, and how answers are judged.
"""
