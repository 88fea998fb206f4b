"""Makes the environments in which a wheel is tried: a Python, a chroot of Debian, and an emulated arm64 Debian.

A chroot needs root and debootstrap; arm64 needs qemu-user too. The private mounts of a chroot end with each command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

# What python:3-slim has and a minimal Debian lacks.
PACKAGES = "ca-certificates,netbase,tzdata,python3,python3-venv"
NETWORK_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt")
ENTER_CHROOT = """\
set -e
root=$1; user=$2; shift 2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
exec chroot ${user:+--userspec=$user} "$root" "$@"
"""
# A user namespace has its own list of emulators (Linux 6.7), so the machine's list does not change. With F the kernel
# opens the emulator now, outside of the chroot.
REGISTER_EMULATOR = r"""
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
mkdir -p "$1/mnt"
mount -t binfmt_misc binfmt_misc "$1/mnt"
printf '%s' ":arm64:M::$magic:$mask:$2:PF" > "$1/mnt/register"
"""


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where programs run."""

    folder: Path
    """A folder for the files of the programs, as this process sees it."""
    inside: Path
    """The same folder, as the programs see it."""
    python: str
    """The interpreter, as the programs see it."""
    prefix: Sequence[str] = ()
    """The words before each command."""
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, *words: object) -> int:
        """Run a program and return its exit code."""
        return self.start(*words).wait()

    def start(self, *words: object, log: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        """Start a program that writes errors to `log`."""
        command = [*self.prefix, *map(str, words)]
        return subprocess.Popen(command, env={**os.environ, **self.variables}, cwd=self.folder, stderr=log)


def native(python: str, folder: Path) -> Environment:
    """Return an environment with an interpreter of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    return Environment(folder, folder, python)


def debian(root: Path, python: str, variables: Mapping[str, str] | None = None, user: str = "") -> Environment:
    """Return an environment in the chroot `root`."""
    (root / "work").mkdir(exist_ok=True)
    prefix = ("unshare", "--mount", "sh", "-c", ENTER_CHROOT, "sh", str(root), user)
    own = {"HOME": "/root", "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": "/tmp"}
    return Environment(root / "work", Path("/work"), python, prefix, {**own, **(variables or {})})


def emulated_debian(root: Path, python: str, qemu: str, cpu: str) -> Environment:
    """Return an environment in the arm64 chroot `root`. The static program `qemu` emulates the CPU."""
    environment = debian(root, python, {"QEMU_CPU": cpu})
    script = f"set -e\n{REGISTER_EMULATOR}\nshift 2\n" + 'exec "$@"'
    own = ("unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child")
    prefix = (*own, "sh", "-c", script, "sh", str(root), qemu, *environment.prefix)
    return replace(environment, prefix=prefix)


@contextmanager
def closed_network() -> Iterator[tuple[str, ...]]:
    """Make a network without other machines. Yield the words that enter it."""
    hold = "ip link set lo up && echo ready && exec sleep infinity"
    holder = subprocess.Popen(["unshare", "--net", "sh", "-c", hold], stdout=subprocess.PIPE)
    assert holder.stdout
    try:
        holder.stdout.readline()
        yield ("nsenter", f"--net=/proc/{holder.pid}/ns/net")
    finally:
        holder.kill()
        holder.communicate()


def install_debian(root: Path, suite: str) -> None:
    """Install a minimal Debian with Python into `root`, unless it exists."""
    if not (root / "usr/bin/python3").exists():
        _debootstrap(root, suite)
        _copy_network_files(root)


def unpack_debian_arm64(root: Path, suite: str) -> None:
    """Unpack the packages of a minimal arm64 Debian with Python into `root`, unless they exist.

    No script of a package runs, so this needs no emulator.
    """
    if not (root / "usr/bin/python3").exists():
        _debootstrap(root, suite, "--foreign", "--arch=arm64")
        for package in sorted((root / "var/cache/apt/archives").glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", str(package), str(root)], check=True)
        _copy_network_files(root)


def _copy_network_files(root: Path) -> None:
    """Give programs in `root` the name servers and the certificates of this machine."""
    for name in NETWORK_FILES:
        (root / name[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, root / name[1:])


def _debootstrap(root: Path, suite: str, *options: str) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", *options, suite, str(root)]
    subprocess.run(command, check=True)
