"""Decides which unit of work runs next.

It may import only `api` and the ground.
"""

from __future__ import annotations
