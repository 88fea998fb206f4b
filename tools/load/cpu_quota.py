"""Limits the CPU time of processes with a Linux control group."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CGROUP_ROOT = Path("/sys/fs/cgroup")
PERIOD_MICROSECONDS = 100_000


@contextmanager
def cpu_quota(cores: float) -> Iterator[Callable[[int], None]]:
    """Create a control group with the CPU time of `cores`; yield a function that adds a process to it.

    All processes of the group must end before the block does. Exits with a message where groups cannot be created.
    """
    is_unified = (CGROUP_ROOT / "cgroup.controllers").is_file()
    folder = (CGROUP_ROOT if is_unified else CGROUP_ROOT / "cpu") / f"wyoming-kokoro-{os.getpid()}"
    quota = round(cores * PERIOD_MICROSECONDS)
    try:
        folder.mkdir()
    except OSError as error:
        raise SystemExit(f"cannot create a control group: {error}; run this tool as root on Linux") from None
    try:
        if is_unified:
            (folder / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
        else:
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        yield lambda pid: _add(folder, pid)
    finally:
        folder.rmdir()


def _add(folder: Path, pid: int) -> None:
    (folder / "cgroup.procs").write_text(str(pid))
