"""Installs the server as a service of systemd or launchd.

It may import what `cli` may.
"""

from __future__ import annotations
