"""Checks that no other user has changed a file or a directory."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

log = logging.getLogger(__name__)


def require_own_file(file: Path, directory: Path) -> os.stat_result:
    """Return the state of `file`. Raises `ValueError` for a link, for no file, and for a file of another user.

    The owner of `directory`, which contains it, is trusted, because network file systems and containers can show all
    files as those of one other user. Raises `OSError`.
    """
    state = file.lstat()
    if not stat.S_ISREG(state.st_mode) or state.st_uid not in (0, os.geteuid(), directory.stat().st_uid):
        raise ValueError(f"{file.name} is a link, is no file, or belongs to another user")
    return state


def warn_about_access(directory: Path) -> None:
    """Log a warning if another user may change the files in `directory`, which need not exist."""
    try:
        state = directory.stat()
    except OSError:
        return
    if state.st_mode & stat.S_IWOTH or state.st_uid not in (0, os.geteuid()):
        log.warning("Other users can change the files in %s; make it your own, and run chmod o-w on it", directory)
