"""Decides which request may use the full model, which unit of work runs next, and on which thread.

`admission` decides the first, `scheduler` the second. It may import only `api` and the ground.
"""

from __future__ import annotations
