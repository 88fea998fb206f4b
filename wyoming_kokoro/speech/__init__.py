"""Turns the text of a request into PCM. It may import `synthesis` and the packages below it."""

from __future__ import annotations
