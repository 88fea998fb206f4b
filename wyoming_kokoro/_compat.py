"""`timeout` of Python 3.11, for 3.10, too.

`asyncio.wait_for` takes its place in neither: before Python 3.12 it loses a cancellation that comes just when what it
waits for is done, and whoever cancelled waits for ever.
"""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout

__all__ = ["timeout"]
