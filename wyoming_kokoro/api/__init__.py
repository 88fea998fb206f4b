"""The interfaces that plugins implement, and the data that they receive.

It may import only the ground: `types`, `settings`, `storage` and `errors`.
"""

from __future__ import annotations
