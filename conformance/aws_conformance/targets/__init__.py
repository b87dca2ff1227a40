# SPDX-License-Identifier: Apache-2.0
"""The only place that opens sockets or starts processes; what travels over them is for others to judge."""
