"""The limits of the container: Linux's control groups, of both versions, as their files tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from wyoming_kokoro_memory_watchdog.snapshot import MemoryLimit

UNLIMITED = 1 << 62
"""Version 1 writes a number of about this size where there is no limit; version 2 writes `max`."""


@dataclass(frozen=True, slots=True)
class Files:
    """How one version of control groups calls its files."""

    usage: str
    limits: tuple[str, ...]
    """Beyond the first the kernel slows down or kills, beyond the others it slows down."""
    reclaimable: str
    """The line of `memory.stat` that tells what caches hold and the kernel may take back."""


VERSION_1 = Files("memory.usage_in_bytes", ("memory.limit_in_bytes",), "total_inactive_file")
VERSION_2 = Files("memory.current", ("memory.max", "memory.high"), "inactive_file")


@dataclass(frozen=True, slots=True)
class Group:
    """A control group of memory, on the disk."""

    folder: Path
    files: Files

    def bound(self) -> MemoryLimit | None:
        """Return the limit; None where there is none, or none that can be read."""
        limits = [_number(self.folder / name) for name in self.files.limits]
        limit = min((found for found in limits if found is not None and 0 < found < UNLIMITED), default=None)
        usage = _number(self.folder / self.files.usage)
        if limit is None or usage is None:
            return None
        needed = usage - min(usage, _reclaimable(self.folder / "memory.stat", self.files.reclaimable))
        return MemoryLimit("the container", limit, max(0, limit - needed))


def groups(own: str, mounts: str) -> Iterator[Group]:
    """Yield the groups that limit a process, the innermost first.

    `own` is the content of its `/proc/self/cgroup`, `mounts` that of its `/proc/self/mountinfo`. The path that the
    kernel tells may lie outside of what is mounted, as in a container that sees its own part of the tree only: then
    the mount itself counts.
    """
    for path, files in _memberships(own):
        for root, point in _mounts(mounts, files):
            folder = point / _below(path, root)
            while True:
                yield Group(folder, files)
                if folder == point:
                    break
                folder = folder.parent


def pressure_files(found: Sequence[Group]) -> list[Path]:
    """Return where the groups tell how long their tasks wait for memory."""
    return [group.folder / "memory.pressure" for group in found if group.files is VERSION_2]


def _memberships(own: str) -> Iterator[tuple[str, Files]]:
    """Yield the paths of a process's groups of memory; each line is `number:controllers:path`."""
    for line in own.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers and path:
            yield path, VERSION_2
        elif "memory" in controllers.split(",") and path:
            yield path, VERSION_1


def _mounts(mounts: str, files: Files) -> Iterator[tuple[str, Path]]:
    """Yield which part of the tree is mounted, and where: see proc(5) on `mountinfo`."""
    for line in mounts.splitlines():
        fields, _, kind = (part.split() for part in line.partition(" - "))
        if len(fields) < 5 or len(kind) < 3:
            continue
        is_first = kind[0] == "cgroup" and "memory" in kind[2].split(",")
        if is_first if files is VERSION_1 else kind[0] == "cgroup2":
            yield fields[3], Path(fields[4])


def _below(path: str, root: str) -> PurePosixPath:
    try:
        below = PurePosixPath(path).relative_to(root)
    except ValueError:
        return PurePosixPath()
    return PurePosixPath() if ".." in below.parts else below


def _number(file: Path) -> int | None:
    return _quietly(lambda: int(file.read_bytes()))


def _reclaimable(file: Path, name: str) -> int:
    def found() -> int:
        lines = (line.split() for line in file.read_text("ascii").splitlines())
        return next(int(words[1]) for words in lines if words[:1] == [name])

    return max(0, _quietly(found) or 0)


def _quietly(read: Callable[[], int]) -> int | None:
    """Return what is read; None for a file that is not there, or says something else, `max` among it."""
    try:
        return read()
    except (OSError, ValueError, IndexError, StopIteration):
        return None
