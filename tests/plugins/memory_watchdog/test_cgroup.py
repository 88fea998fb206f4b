"""Which control groups limit a process."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro_memory_watchdog.cgroup import memory_groups

MEMBERSHIP_LINES = st.sampled_from(["0::/", "0::", "0::/a/b", "4:memory:/a", "::", "0::/../..", "0::a", "0::/a b"])
MOUNT_LINES = st.sampled_from(
    [
        "1 2 3 / /cg rw - cgroup2 c rw",
        "1 2 3 /a /cg rw - cgroup2 c rw",
        "1 2 3 /a /cg rw - cgroup c rw,memory",
        "1 2 3 / cg - cgroup2 c rw",
        " - ",
        "1 - 2",
    ]
)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_parsed(membership: str, mounts: str) -> None:
    assert all(isinstance(group, Path) for group in memory_groups(membership, mounts))


@given(st.lists(MEMBERSHIP_LINES).map("\n".join), st.lists(MOUNT_LINES).map("\n".join))
def test_all_groups_lie_below_their_mount_point(membership: str, mounts: str) -> None:
    folders = list(memory_groups(membership, mounts))
    assert all(folder.parts[:2] == ("/", "cg") or folder.parts[0] == "cg" for folder in folders)
    assert not any(".." in folder.parts for folder in folders)
