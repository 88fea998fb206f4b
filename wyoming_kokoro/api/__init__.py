"""The interfaces that plugins implement and the data that they receive.

It may import only the modules of the ground: `types`, `settings` and `errors`.
"""

from __future__ import annotations
