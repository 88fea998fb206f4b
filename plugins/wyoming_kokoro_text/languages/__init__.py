"""Holds the words of each language, one module a language."""

from __future__ import annotations
