"""Runs a module until it ends, or until the parent process ends.

The parent holds the other end of stdin. The kernel closes it, whatever ends the parent.
"""

from __future__ import annotations

import fcntl
import os
import runpy
import signal
import sys
import threading

STDIN = 0


def main() -> None:
    """Run the module that `sys.argv` names after its first element."""
    # Linux sends SIGIO when the stream ends, which also ends a process whose native code never lets a thread run.
    # macOS discards SIGIO, so a thread waits there.
    if sys.platform == "linux":
        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(STDIN, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(STDIN, fcntl.F_SETFL, fcntl.fcntl(STDIN, fcntl.F_GETFL) | fcntl.FASYNC)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _exit_with_parent() -> None:
    # The parent writes nothing, so this returns only at the end of the stream.
    os.read(STDIN, 1)
    os._exit(1)
