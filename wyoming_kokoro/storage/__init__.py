"""Files that survive crashes, power failures and damage, and the child processes that prepare them."""

from __future__ import annotations

from wyoming_kokoro.storage.checked_json import read_checked, read_if_intact, write_checked
from wyoming_kokoro.storage.child_processes import ChildProcesses, run_in_child
from wyoming_kokoro.storage.crash_probe import find_crash, find_damage
from wyoming_kokoro.storage.digests import remembered_sha256, sha256_of
from wyoming_kokoro.storage.files import explain_write_error, file_lock, open_atomically, write_atomically
from wyoming_kokoro.storage.ownership import require_own_file, warn_about_access
from wyoming_kokoro.storage.prepared_folder import (
    check_prepared,
    forget_times,
    prepare_folder,
    remove_unused_folders,
)
from wyoming_kokoro.storage.steady_clock import SteadyClock

__all__ = [
    "ChildProcesses",
    "SteadyClock",
    "check_prepared",
    "explain_write_error",
    "file_lock",
    "find_crash",
    "find_damage",
    "forget_times",
    "open_atomically",
    "prepare_folder",
    "read_checked",
    "read_if_intact",
    "remembered_sha256",
    "remove_unused_folders",
    "require_own_file",
    "run_in_child",
    "sha256_of",
    "warn_about_access",
    "write_atomically",
    "write_checked",
]
