"""From streamed text to segments, and from segments to phonemes."""

from __future__ import annotations
