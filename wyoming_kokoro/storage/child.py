"""Runs a module until it ends, or until the parent process ends: `python -m wyoming_kokoro.storage.child MODULE ...`.

The parent holds the other end of stdin. The kernel closes it, whatever ends the parent.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading

STDIN = 0


def main() -> None:
    """Run the module given on the command line."""
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _exit_with_parent() -> None:
    # The parent writes nothing, so this returns only at the end of the stream.
    os.read(STDIN, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
