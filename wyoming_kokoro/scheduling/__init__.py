"""Decides which unit of work runs next, and on which thread. It may import only `api` and the ground."""

from __future__ import annotations
