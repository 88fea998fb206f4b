"""Boots systemd in namespaces of Linux, and installs, uses and removes the service there.

Real are systemd, the units with their sandbox, the socket and the dynamic user. Only `PrivateDevices=` is disabled,
because a process in a namespace may not make devices.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tools.platforms.environments import Environment, debian

PROGRAM = "/opt/wyoming-kokoro/bin/wyoming-kokoro"
FIND_LEFT = "find / -xdev -path /opt -prune -o -path {} -prune -o -name '*wyoming-kokoro*' -prune -print"
BOOT_TIMEOUT_SECONDS = 120.0
DROP_IN = "etc/systemd/system/wyoming-kokoro.service.d/trial.conf"
# systemd must be process 1 and the root of its control groups, and the unit's user namespace needs a root that is no
# chroot.
BOOT = """\
set -e
root=$1; groups=$2
mkdir -p "$groups"
mount -t cgroup2 cgroup2 "$groups"
mkdir -p "$groups/wyoming-kokoro-trial"
echo $$ > "$groups/wyoming-kokoro-trial/cgroup.procs"
exec unshare --pid --fork --kill-child --mount --cgroup --net --ipc --uts sh -c '
set -e
root=$1
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
ln -s /proc/self/fd dev/fd
ip link set lo up
mkdir -p old
pivot_root . old
umount -l /old
exec env -i container=other LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd
' sh "$root"
"""


def install(root: Path, wheel: Path, constraints: Path, base: Path) -> None:
    """Copy the Debian `base` to `root`, and install systemd and the wheel there."""
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "--archive", str(base), str(root)], check=True)
    environment = debian(root, "", {"DEBIAN_FRONTEND": "noninteractive"})
    for file in (wheel, constraints):
        shutil.copy(file, environment.folder)
    steps = (
        "apt-get update --quiet=2",
        "apt-get install --yes --quiet=2 systemd dbus",
        "python3 -m venv /opt/wyoming-kokoro",
        f"/opt/wyoming-kokoro/bin/pip install --quiet --constraint {constraints.name} {wheel.name}",
    )
    if environment.run("sh", "-c", f"cd {environment.inside} && {' && '.join(steps)}"):
        raise RuntimeError("cannot install systemd and the wheel")
    (root / DROP_IN).parent.mkdir(parents=True)
    (root / DROP_IN).write_text("[Service]\nPrivateDevices=no\n", "utf-8")


@contextmanager
def booted(root: Path) -> Iterator[Environment]:
    """Boot systemd, and yield the environment of a root shell."""
    inner = debian(root, "/opt/wyoming-kokoro/bin/python")
    groups = root.parent / "control-groups"
    manager = subprocess.Popen(["unshare", "--mount", "sh", "-c", BOOT, "sh", str(root), str(groups)])
    try:
        process_1 = _wait_for_process_1(manager)
        environment = replace(inner, prefix=("nsenter", f"--target={process_1}", "--all"))
        environment.run("systemctl", "is-system-running", "--wait")
        yield environment
        environment.run("systemctl", "poweroff")
        manager.wait(BOOT_TIMEOUT_SECONDS)
    finally:
        manager.kill()
        manager.wait()


def uninstall(system: Environment) -> set[str]:
    """Remove the service. Return the files that it leaves and does not name."""
    find_left = FIND_LEFT.format(system.inside)
    if system.run("sh", "-c", f"cd {system.inside} && {PROGRAM} service uninstall > named && {find_left} > left"):
        raise RuntimeError("cannot remove the service")
    named, left = (set((system.folder / name).read_text("utf-8").split()) for name in ("named", "left"))
    return left - named


def _wait_for_process_1(manager: subprocess.Popen[bytes]) -> int:
    """Return the number of the booted systemd."""
    deadline = time.monotonic() + BOOT_TIMEOUT_SECONDS
    while time.monotonic() < deadline and manager.poll() is None:
        children = Path(f"/proc/{manager.pid}/task/{manager.pid}/children").read_text().split()
        for process in (Path("/proc", child) for child in children):
            # systemd makes this socket when it takes requests.
            is_ready = (process / "root/run/systemd/private").exists()
            if is_ready and (process / "comm").read_text() == "systemd\n":
                return int(process.name)
        time.sleep(0.2)
    raise RuntimeError("systemd does not start")
