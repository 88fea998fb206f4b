"""The words of each language: its units, currencies, dates and times."""

from __future__ import annotations
