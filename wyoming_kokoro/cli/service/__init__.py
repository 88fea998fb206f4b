"""`wyoming-kokoro service`: the server as a service of the machine or of one user."""

from __future__ import annotations
