"""The prepared stages of models in the cache directory. Child processes prepare them."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from wyoming_kokoro.errors import GraphMismatch, StartupError
from wyoming_kokoro.model.manifest import Manifest
from wyoming_kokoro.onnx.version import onnxruntime_version
from wyoming_kokoro.storage import file_lock, remove_unused_folders

MISMATCH_EXIT_CODE = 3
# The vocoder with fixed shapes: one graph for the first window of an utterance, and one for later windows.
FIRST_WINDOW_FILE, LATER_WINDOW_FILE = "first.onnx", "later.onnx"
# The two parts of prosody.
ALBERT_FILE, PREDICTOR_FILE = "albert.onnx", "predictor.onnx"
# A preparation takes some seconds. The limit ends a child process that hangs.
TIMEOUT_SECONDS = 600

log = logging.getLogger(__name__)


def prepare_stages(model: Path, sha256: str, recipe: str, cache: Path) -> Path:
    """Return the folder with the stages of `model`. Prepare them if they do not exist.

    `sha256` and `recipe` identify the model and the way of its preparation. Raises `GraphMismatch` when the graph is
    not that of Kokoro, and `StartupError` when preparation fails or the cache is not writable.
    """
    folder = cache / "stages" / generation_name(sha256, recipe)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(folder.parent / ".lock"):
            if not _is_prepared(folder):
                log.info("Preparing %s (once, takes some seconds)", model.name)
                started = time.monotonic()
                _fill(folder, "cut_stages", str(model))
                log.info("Prepared %s (%.0f s)", model.name, time.monotonic() - started)
            remove_unused_folders(folder)
    except OSError as error:
        raise StartupError(
            f"the cache directory {folder.parent} cannot be used ({error.strerror});"
            " free 400 MB, or choose another directory with --cache"
        ) from None
    return folder


def generation_name(sha256: str, recipe: str) -> str:
    """Return the folder name for a model, a recipe, and the installed ONNX Runtime."""
    return f"{sha256[:16]}-{recipe}-ort{onnxruntime_version()}"


def fix_shapes(stages: Path, precision: str) -> Path:
    """Return the folder with the vocoder in fixed shapes. Prepare it if it does not exist.

    `stages` is a prepared model. Raises `GraphMismatch` for a model or a precision without such a vocoder, and
    `StartupError` or `OSError`.
    """
    return _fill_once(stages / f"fixed-{precision}", "fix_shapes", str(stages), precision)


def split_albert(stages: Path) -> Path:
    """Return the folder with the two parts of prosody. Prepare it if it does not exist.

    It holds ALBERT and the predictor as in the model, and ALBERT in float for texts of at most 32, 64 and 128 tokens.
    `stages` is a prepared model. Raises `GraphMismatch` for a model without ALBERT, and `StartupError` or `OSError`.
    """
    return _fill_once(stages / "albert", "split_albert", str(stages))


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


def _is_prepared(folder: Path) -> bool:
    """Return whether `folder` has prepared stages. A damaged manifest counts as none."""
    try:
        Manifest.read(folder)
    except (FileNotFoundError, ValueError):
        return False
    return True


def _fill_once(folder: Path, module: str, *arguments: str) -> Path:
    with file_lock(folder.parent / ".lock"):
        if not folder.is_dir():
            _fill(folder, module, *arguments)
    return folder


def _fill(folder: Path, module: str, *arguments: str) -> None:
    """Run `module` in a child process and give its result the name `folder` when it is complete.

    The memory of a preparation, up to 1 GB, goes back to the system when the child ends.
    """
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as part:
        command = [sys.executable, "-m", f"wyoming_kokoro.preparation.{module}", *arguments, part]
        child = subprocess.run(command, stderr=subprocess.PIPE, timeout=TIMEOUT_SECONDS, check=False)
        lines = child.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        if child.returncode == MISMATCH_EXIT_CODE:
            raise GraphMismatch(lines[-1])
        if child.returncode:
            raise StartupError(f"the model cannot be prepared ({lines[-1]}); check that 1 GB of memory is free")
        for file in Path(part).iterdir():
            # Without this, a power failure can leave empty files in the complete folder.
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
        Path(part).chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        Path(part).rename(folder)
