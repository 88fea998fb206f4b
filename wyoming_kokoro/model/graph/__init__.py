"""Cutting and rewriting the model's graph; used when a model is prepared, never while speaking."""

from __future__ import annotations
