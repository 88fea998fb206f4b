"""A plugin that cannot be imported, as after an upgrade of what it needs."""

from __future__ import annotations

raise RuntimeError("needs a newer kettle")
