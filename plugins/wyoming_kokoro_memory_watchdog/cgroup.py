"""Memory limits of Linux control groups (version 2), read from their files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from wyoming_kokoro_memory_watchdog.snapshot import MemoryLimit

INACTIVE_FILE = re.compile(r"^inactive_file (\d+)$", re.MULTILINE | re.ASCII)


def memory_limit(group: Path) -> MemoryLimit | None:
    """Return the limit of a control group, or None when it has none or its files cannot be read."""
    # Above memory.max the kernel kills processes; above memory.high it slows them down.
    limits = [_read_number(group / name) for name in ("memory.max", "memory.high")]
    limit = min((number for number in limits if number), default=None)
    usage = _read_number(group / "memory.current")
    if limit is None or usage is None:
        return None
    # The kernel can drop inactive file caches at once.
    inactive = INACTIVE_FILE.search(read_text(group / "memory.stat"))
    needed = max(0, usage - int(inactive[1])) if inactive else usage
    return MemoryLimit("the container", limit, max(0, limit - needed))


def memory_groups(membership: str, mounts: str) -> Iterator[Path]:
    """Yield the folders of the control groups that a process belongs to, the innermost first.

    `membership` is the content of `/proc/self/cgroup`, `mounts` that of `/proc/self/mountinfo`.
    """
    path = next((line.removeprefix("0::") for line in membership.splitlines() if line.startswith("0::")), "")
    if not path:
        return
    for root, mount_point in _cgroup_mounts(mounts):
        relative = PurePosixPath(path)
        relative = relative.relative_to(root) if relative.is_relative_to(root) else PurePosixPath("..")
        # The kernel may report a path outside of what a container sees mounted. The mount itself counts then.
        if ".." in relative.parts:
            relative = PurePosixPath()
        for folder in (relative, *relative.parents):
            yield mount_point / folder


def _cgroup_mounts(mounts: str) -> Iterator[tuple[str, Path]]:
    """Yield the mounted part of the group tree and its mount point; proc(5) describes the lines of `mountinfo`."""
    for line in mounts.splitlines():
        fields, _, options = (part.split() for part in line.partition(" - "))
        if len(fields) >= 5 and options[:1] == ["cgroup2"]:
            yield fields[3], Path(fields[4])


def _read_number(file: Path) -> int | None:
    """Return the number in a file, or None when the file is missing or contains something else, such as `max`."""
    text = read_text(file).strip()
    return int(text) if text.isascii() and text.isdecimal() else None


def read_text(file: Path) -> str:
    """Return the content of one of the kernel's files, or an empty string when it is missing."""
    try:
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""
