"""From a segment of text to sound."""

from __future__ import annotations
