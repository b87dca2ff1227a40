# SPDX-License-Identifier: Apache-2.0
"""XML as query, ec2 and rest-xml write it: text to elements, elements to values, and back.

It owns the grammar and the mapping of shapes; it refuses to know envelopes and HTTP.
"""
