"""The command line: one module a command.

It may import everything but `testing`.
"""

from __future__ import annotations
