"""The model's files: finding, verifying and preparing them."""

from __future__ import annotations
