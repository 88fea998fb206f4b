"""Refuses limits of the system under which native libraries crash or hang, instead of reporting an error."""

from __future__ import annotations

import resource
import threading

from wyoming_kokoro.errors import StartupError

MB = 1_000_000
# Measured on two CPUs: a server with the full model has 1.41 GB of address space and 0.49 GB of data; `check` has 1.45
# and 0.55 GB. A prepared file has up to 79 MB.
LIMITS = (
    (resource.RLIMIT_AS, 1500, MB, "MB of address space", "ulimit -v, LimitAS=; MemoryMax= limits memory without harm"),
    (resource.RLIMIT_DATA, 700, MB, "MB of data", "ulimit -d, LimitDATA=; MemoryMax= limits memory without harm"),
    (resource.RLIMIT_FSIZE, 100, MB, "MB in a file", "ulimit -f, LimitFSIZE="),
    (resource.RLIMIT_NOFILE, 128, 1, "open files", "ulimit -n, LimitNOFILE="),
)
"""Each limit with its minimum, unit and name, and how to raise it."""
# A server has 15 on two CPUs.
MIN_THREADS = 16


def require_resources() -> None:
    """Raise soft limits that are too low for a model. Raises `StartupError` if the hard limit is too low."""
    for kind, minimum, unit, name, remedy in LIMITS:
        soft, hard = resource.getrlimit(kind)
        if soft == resource.RLIM_INFINITY or soft >= minimum * unit:
            continue
        try:
            resource.setrlimit(kind, (minimum * unit, hard))
        except (OSError, ValueError):
            problem = f"only {hard // unit} {name} are allowed; allow at least {minimum} ({remedy})"
            raise StartupError(problem) from None
    _require_threads()


def _require_threads() -> None:
    end, started = threading.Event(), list[threading.Thread]()
    try:
        while len(started) < MIN_THREADS:
            thread = threading.Thread(target=end.wait)
            thread.start()
            started.append(thread)
    except RuntimeError:
        remedy = "ulimit -u, TasksMax=, docker --pids-limit"
        problem = f"only {len(started)} threads can start; allow at least {MIN_THREADS} ({remedy})"
        raise StartupError(problem) from None
    finally:
        end.set()
        for thread in started:
            thread.join()
