"""`asyncio.timeout` of Python 3.11, also for Python 3.10.

`asyncio.wait_for` cannot replace it: before Python 3.12 it can lose a cancellation that arrives when the awaited
task ends, and then the canceller waits forever.
"""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout

__all__ = ["timeout"]
