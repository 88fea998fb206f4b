"""An HTTP server for plugins: it starts in the background, limits connections, and checks Host and Origin.

Its modules are public. `service` imports nothing slow; the others import aiohttp. It may import `api`.
"""

from __future__ import annotations
