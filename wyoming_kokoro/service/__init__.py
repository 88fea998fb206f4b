"""`wyoming-kokoro service`: installs the server as a service of systemd or launchd."""

from __future__ import annotations
