"""Memory limits of Linux control groups (version 2), read from their files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from wyoming_kokoro_memory_watchdog.snapshot import MemoryLimit

INACTIVE_FILE = re.compile(rb"^inactive_file (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """A control group that may limit the memory of its processes."""

    folder: Path

    def limit(self) -> MemoryLimit | None:
        """Return the limit of the group, or None when it has none or its files cannot be read."""
        # Above memory.max the kernel kills processes; above memory.high it slows them down.
        limits = [_read_number(self.folder / name) for name in ("memory.max", "memory.high")]
        limit = min((number for number in limits if number and number > 0), default=None)
        usage = _read_number(self.folder / "memory.current")
        if limit is None or usage is None:
            return None
        needed = usage - min(usage, self._reclaimable())
        return MemoryLimit("the container", limit, max(0, limit - needed))

    def _reclaimable(self) -> int:
        """Return the bytes of file caches that the kernel can drop at once."""
        try:
            found = INACTIVE_FILE.search((self.folder / "memory.stat").read_bytes())
        except OSError:
            return 0
        return int(found[1]) if found else 0


def memory_groups(membership: str, mounts: str) -> Iterator[MemoryGroup]:
    """Yield the control groups that a process belongs to, the innermost first.

    `membership` is the content of `/proc/self/cgroup`, `mounts` that of `/proc/self/mountinfo`.
    """
    path = next((line.removeprefix("0::") for line in membership.splitlines() if line.startswith("0::")), "")
    if not path:
        return
    for root, mount_point in _cgroup_mounts(mounts):
        relative = _relative_path(path, root)
        for folder in (relative, *relative.parents):
            yield MemoryGroup(mount_point / folder)


def _cgroup_mounts(mounts: str) -> Iterator[tuple[str, Path]]:
    """Yield the mounted part of the group tree and its mount point; proc(5) describes the lines of `mountinfo`."""
    for line in mounts.splitlines():
        fields, _, options = (part.split() for part in line.partition(" - "))
        if len(fields) >= 5 and options[:1] == ["cgroup2"]:
            yield fields[3], Path(fields[4])


def _relative_path(path: str, root: str) -> PurePosixPath:
    """Return the group's path below the mount point."""
    try:
        relative = PurePosixPath(path).relative_to(root)
    except ValueError:
        # The kernel may report a path outside of what a container sees mounted. The mount itself counts then.
        return PurePosixPath()
    return PurePosixPath() if ".." in relative.parts else relative


def _read_number(file: Path) -> int | None:
    """Return the number in a file, or None when the file is missing or contains something else, such as `max`."""
    try:
        return int(file.read_bytes())
    except (OSError, ValueError):
        return None
