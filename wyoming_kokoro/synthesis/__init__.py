"""Turns phonemes into PCM, in units of work.

It may import `trials` and the packages below it.
"""

from __future__ import annotations
