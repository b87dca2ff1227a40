# SPDX-License-Identifier: Apache-2.0
"""What runs make on a target, written down before it is made, and taken away again.

It owns the file, what is written into it and how it is replayed. It refuses to know why anything was made.
"""
