"""Cuts streaming text into segments and turns segments into phonemes.

It may import `model`, `api` and the ground.
"""

from __future__ import annotations
