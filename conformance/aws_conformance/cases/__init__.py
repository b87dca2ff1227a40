# SPDX-License-Identifier: Apache-2.0
"""What an operation is tried with, and what each trial should earn: data, before anything is sent.

It owns compiled contracts of operations, cases with stable ids, expectations, the prerequisites that an
operation needs, and the documented lifecycles of resources. It refuses to know targets and sockets.
"""
