"""The prepared stages of models in the cache directory. Child processes prepare them."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

from wyoming_kokoro.errors import GraphMismatch, StartupError
from wyoming_kokoro.onnx.version import onnxruntime_version
from wyoming_kokoro.storage import (
    ChildProcesses,
    check_prepared,
    explain_write_error,
    file_lock,
    prepare_folder,
    remove_unused_folders,
)

MISMATCH_EXIT_CODE = 3
# The vocoder with fixed shapes: one graph for the first window of an utterance, and one for later windows.
FIRST_WINDOW_FILE, LATER_WINDOW_FILE = "first.onnx", "later.onnx"
# The two parts of prosody.
ALBERT_FILE, PREDICTOR_FILE = "albert.onnx", "predictor.onnx"

log = logging.getLogger(__name__)


def prepare_stages(model: Path, sha256: str, recipe: str, cache: Path, children: ChildProcesses | None = None) -> Path:
    """Return the folder with the stages of `model`. Prepare them if they do not exist, or are damaged.

    `sha256` and `recipe` identify the model and the way of its preparation. Raises `GraphMismatch` when the graph is
    not that of Kokoro, and `StartupError` when preparation fails or the cache is not writable.
    """
    folder = stages_path(sha256, recipe, cache)
    try:
        _fill_once(folder, children, "cut_stages", str(model))
    except OSError as error:
        raise StartupError(
            f"the cache directory {folder.parent} cannot be used: {explain_write_error(error, '400 MB')},"
            " or choose another directory with --cache"
        ) from None
    remove_unused_folders(folder)
    return folder


def stages_path(sha256: str, recipe: str, cache: Path) -> Path:
    """Return the folder for the stages of a model, a recipe, and the installed ONNX Runtime."""
    return cache / "stages" / f"{sha256[:16]}-{recipe}-ort{onnxruntime_version()}"


def fix_shapes(stages: Path, precision: str, children: ChildProcesses | None = None) -> Path:
    """Return the folder with the vocoder in fixed shapes. Prepare it if it does not exist.

    `stages` is a prepared model. Raises `GraphMismatch` for a model or a precision without such a vocoder, and
    `StartupError` or `OSError`.
    """
    return _fill_once(stages / f"fixed-{precision}", children, "fix_shapes", str(stages), precision)


def split_albert(stages: Path, children: ChildProcesses | None = None) -> Path:
    """Return the folder with the two parts of prosody. Prepare it if it does not exist.

    It holds ALBERT and the predictor as in the model, and ALBERT in float for texts of at most 32, 64 and 128 tokens.
    `stages` is a prepared model. Raises `GraphMismatch` for a model without ALBERT, and `StartupError` or `OSError`.
    """
    return _fill_once(stages / "albert", children, "split_albert", str(stages))


def albert_file(size: int) -> str:
    """Return the file name of ALBERT for texts of at most `size` tokens."""
    return f"albert-{size}.onnx"


def run_child(prepare: Callable[..., None]) -> int:
    """Call `prepare` with the arguments of this child process. Return the exit code that the parent understands."""
    try:
        prepare(*sys.argv[1:])
    except GraphMismatch as mismatch:
        sys.stderr.write(f"{mismatch}\n")
        return MISMATCH_EXIT_CODE
    return 0


def _fill_once(folder: Path, children: ChildProcesses | None, module: str, *arguments: str) -> Path:
    # A prepared cache can be on a disk that is not writable, where no lock can be made.
    if not check_prepared(folder).files:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(folder.parent / ".lock"):
            if not check_prepared(folder).files:
                log.info("Preparing %s (once, takes some seconds)", folder.name)
                started = time.monotonic()
                _fill(folder, children or ChildProcesses(), module, *arguments)
                log.info("Prepared %s (%.0f s)", folder.name, time.monotonic() - started)
    return folder


def _fill(folder: Path, children: ChildProcesses, module: str, *arguments: str) -> None:
    """Run `module` in a child process and give its result the name `folder` when it is complete.

    The memory of a preparation, up to 1 GB, goes back to the system when the child ends.
    """
    with prepare_folder(folder) as part:
        child = children.run(f"wyoming_kokoro.preparation.{module}", *arguments, str(part))
        if child.exit_code == MISMATCH_EXIT_CODE:
            raise GraphMismatch(child.reason)
        if child.exit_code:
            remedy = "check that 1 GB of memory and 400 MB of the disk are free"
            raise StartupError(f"the model cannot be prepared ({child.reason}); {remedy}")
