"""The prepared stages of a model: where they lie, and how they come to be there, once."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from filelock import FileLock

from wyoming_kokoro.errors import GraphMismatch, StartupError
from wyoming_kokoro.model.manifest import MANIFEST_FILE
from wyoming_kokoro.onnx.version import onnxruntime_version

MISMATCH_EXIT_CODE = 3
"""The exit code of a preparation that did not know the graph."""
FIRST_WINDOW_FILE, LATER_WINDOW_FILE = "first.onnx", "later.onnx"
"""The vocoder in fixed shapes: the graph that begins an utterance and the one that continues it."""
ALBERT_FILE, PREDICTOR_FILE = "albert.onnx", "predictor.onnx"
"""Prosody in two: what reads the text, and what follows it."""
TIMEOUT_SECONDS = 600
DAY_SECONDS = 24 * 3600
UNUSED_DAYS = 30
"""A generation that no server opened for so long is removed."""
SUPERSEDED_DAYS = 1
"""A generation of a model that has another by now goes sooner."""

log = logging.getLogger(__name__)


def prepare_stages(model: Path, sha256: str, recipe: str, cache: Path) -> Path:
    """Return the folder of the stages of `model`, made now if need be, in a process of its own.

    `recipe` names how they are made. Raises `GraphMismatch` when the model cannot be cut, and `StartupError`
    when preparation fails or the folder cannot be written.
    """
    folder = cache / "stages" / generation_name(sha256, recipe)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / ".lock"):
            if not (folder / MANIFEST_FILE).is_file():
                _prepare(model, folder)
            os.utime(folder)
            remove_old(folder, time.time())
    except OSError as error:
        raise StartupError(
            f"the stages of the model cannot be kept in {folder.parent} ({error.strerror});"
            " make room for 400 MB, or choose a directory with --cache"
        ) from None
    return folder


def generation_name(sha256: str, recipe: str) -> str:
    """Return the folder's name: the model, the recipe, and the ONNX Runtime that will read the stages."""
    return f"{sha256[:16]}-{recipe}-ort{onnxruntime_version()}"


def remove_old(current: Path, now: float) -> None:
    """Remove the generations beside `current` that nobody opens any more; `now` is a Unix time."""
    for folder in current.parent.iterdir():
        if folder == current or not folder.is_dir():
            continue
        is_superseded = folder.name.split("-")[0] in (current.name.split("-")[0], ".making")
        days = SUPERSEDED_DAYS if is_superseded else UNUSED_DAYS
        if now - folder.stat().st_mtime > days * DAY_SECONDS:
            log.info("Removing stages that are no longer used: %s", folder.name)
            shutil.rmtree(folder, ignore_errors=True)


def fix_shapes(stages: Path, precision: str) -> Path:
    """Return the folder of the vocoder in fixed shapes, made now if need be, in a process of its own.

    `stages` is a prepared model. Raises `GraphMismatch` when there is no such form, and `StartupError` or `OSError`.
    """
    folder = stages / f"fixed-{precision}"
    with FileLock(stages / ".lock"):
        if not folder.is_dir():
            _make(folder, "wyoming_kokoro.preparation.fix_shapes", str(stages), precision)
    return folder


def split_albert(stages: Path) -> Path:
    """Return the folder of prosody in two parts, made now if need be, in a process of its own.

    `stages` is a prepared model. In the folder is ALBERT for texts of any length, as the model has it, and in float for
    those of so many `TOKENS`. Raises `GraphMismatch` when ALBERT is not found, and `StartupError` or `OSError`.
    """
    folder = stages / "albert"
    with FileLock(stages / ".lock"):
        if not folder.is_dir():
            _make(folder, "wyoming_kokoro.preparation.split_albert", str(stages))
    return folder


def albert_file(tokens: int) -> str:
    """Return the name of the file of ALBERT for texts of at most so many tokens."""
    return f"albert-{tokens}.onnx"


def _prepare(model: Path, folder: Path) -> None:
    log.info("Preparing %s for streaming, once; it takes some seconds", model.name)
    started = time.monotonic()
    _make(folder, "wyoming_kokoro.preparation.cut_stages", str(model))
    log.info("Prepared %s in %.0f s", model.name, time.monotonic() - started)


def _make(folder: Path, module: str, *arguments: str) -> None:
    """Let a child process make `folder`, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as making:
        command = [sys.executable, "-m", module, *arguments, making]
        _checked(subprocess.run(command, stderr=subprocess.PIPE, timeout=TIMEOUT_SECONDS, check=False))
        Path(making).chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        Path(making).rename(folder)
        Path(making).mkdir()  # what the temporary directory removes at its end


def _checked(child: subprocess.CompletedProcess[bytes]) -> None:
    lines = child.stderr.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
    if child.returncode == MISMATCH_EXIT_CODE:
        raise GraphMismatch(lines[-1])
    if child.returncode:
        raise StartupError(f"the model cannot be prepared ({lines[-1]}); is there 1 GB of free memory?")
