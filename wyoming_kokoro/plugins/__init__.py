"""Finds, loads and calls the plugins.

It may import only `api`, `config` and the ground.
"""

from __future__ import annotations
