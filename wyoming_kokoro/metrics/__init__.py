"""Counts what the server does and recommends what the operator can improve.

It may import only `api` and the ground.
"""

from __future__ import annotations
