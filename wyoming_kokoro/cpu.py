"""The CPU of this machine: the useful number of threads, and the instruction sets."""

from __future__ import annotations

import math
import os
import platform
import re
import subprocess
from pathlib import Path

# More threads do not make one voice faster (Pi 5: 56 % efficient at 4).
MAX_THREADS = 4
CPUINFO = Path("/proc/cpuinfo")
OWN_CGROUPS = Path("/proc/self/cgroup")
CGROUP_ROOT = Path("/sys/fs/cgroup")
# Math libraries select their kernels by these instruction sets.
ARITHMETIC = re.compile("s?sse|avx|amx|fma|f16c|fphp|asimd|sve|sme(?!p)|i8mm|bf16")


def default_threads() -> int:
    """Return the default for the maximum number of threads of one inference.

    With a quota of half a core, two threads would use it up twice as fast and then both pause.
    """
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(MAX_THREADS, count, cpu_quota())))


def cpu_quota() -> float:
    """Return the number of cores whose time the control groups of this process allow; infinite without a limit."""
    try:
        lines = OWN_CGROUPS.read_text("utf-8", "replace").splitlines()
    except OSError:
        return math.inf
    quotas = [math.inf]
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "cpu" in controllers.split(","):
            mount, file = CGROUP_ROOT / "cpu", "cpu.cfs_quota_us"
        elif not controllers:
            mount, file = CGROUP_ROOT, "cpu.max"
        else:
            continue
        folder = mount / path.lstrip("/")
        quotas += [_read_quota(parent / file) for parent in (folder, *folder.parents) if parent.is_relative_to(mount)]
    return min(quotas)


def _read_quota(file: Path) -> float:
    """Return the cores that `cpu.max` of version 2, or `cpu.cfs_quota_us` of version 1, allows."""
    try:
        quota, *period = file.read_text().split()
        if quota in ("max", "-1"):
            return math.inf
        return int(quota) / int(period[0] if period else file.with_name("cpu.cfs_period_us").read_text())
    except (OSError, ValueError):
        return math.inf


def instruction_sets() -> frozenset[str]:
    """Return the Linux kernel's names of the CPU's instruction sets, such as `avx2` and `asimddp`.

    Empty when they are unknown. On macOS, Apple silicon has `asimddp` and an Intel Mac has none.
    """
    if platform.system() == "Darwin":
        return frozenset({"asimddp"}) if platform.machine() == "arm64" else frozenset()
    # x86-64 calls the line "flags", arm64 "Features".
    lines = re.findall(r"^(?:flags|Features)\s*: (.*)$", _read_cpuinfo(), re.MULTILINE)
    return frozenset(name for line in lines for name in line.split())


def cpu_identity() -> str:
    """Return a text that changes with the CPU's model and instruction sets."""
    names = re.findall(r"^(?:model name|flags|Features|CPU part)\s*: (.*)$", _read_cpuinfo(), re.MULTILINE)
    return " ".join([platform.machine(), platform.processor(), *sorted(set(names))])


def arithmetic_identity() -> str:
    """Return a text that is equal only on machines whose libraries calculate with the same instructions.

    Unlike `cpu_identity`, it does not change with the kernel. Blocks.
    """
    models = re.findall(r"^(?:model name|CPU implementer|CPU part)\s*: (.*)$", _read_cpuinfo(), re.MULTILINE)
    # A machine that does not tell its CPU is like no other.
    models = sorted(set(models)) or [_read_mac_cpu() or platform.node()]
    return " ".join([platform.machine(), *models, *sorted(filter(ARITHMETIC.match, instruction_sets()))])


def _read_mac_cpu() -> str:
    """Return the name of a Mac's CPU, such as `Apple M2`, or an empty string."""
    try:
        return subprocess.check_output(["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"], text=True).strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _read_cpuinfo() -> str:
    try:
        return CPUINFO.read_text("ascii", errors="replace")
    except OSError:
        return ""
