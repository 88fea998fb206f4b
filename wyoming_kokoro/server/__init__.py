"""Sockets and the life of the process.

It may import everything but `cli` and `testing`.
"""

from __future__ import annotations
