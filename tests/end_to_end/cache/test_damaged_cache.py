"""A server whose prepared files are damaged speaks right after one repair, and replays nothing wrong."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from wyoming_kokoro.api.speech_models import Quality
from wyoming_kokoro.cli.say import synthesize
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.onnx.optimized import WEIGHTS_FILE
from wyoming_kokoro.storage import read_checked, write_checked
from wyoming_kokoro.storage.prepared_folder import SEAL_FILE, Seal
from wyoming_kokoro.types import Pcm

pytestmark = pytest.mark.model
TEXT = "The lamp is on."
SAY = "import sys; from wyoming_kokoro.cli.main import main; sys.exit(main(sys.argv[1:]))"
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


@pytest.fixture
def own_cache(model_cache: Path, stages_folder: Path, config: Config, tmp_path: Path) -> Config:
    """A configuration with a phrase cache, and with a copy of the prepared model."""
    shutil.copytree(model_cache / "models", tmp_path / "cache" / "models")
    shutil.copytree(stages_folder, tmp_path / "cache" / "stages" / stages_folder.name, ignore=ignore_compiled)
    plugins = {name: table for name, table in config.plugins.items() if name != "phrase_cache"}
    directories = Directories(str(tmp_path / "cache"), str(tmp_path / "state"))
    return replace(config, directories=directories, plugins=plugins)


def ignore_compiled(_: str, names: list[str]) -> list[str]:
    """Return the folders with compiled graphs, and the parts that other tests are writing."""
    return [name for name in names if name.startswith(".") or "." not in name]


def say(config: Config) -> Pcm:
    pcm, _ = asyncio.run(synthesize(config, TEXT))
    return np.frombuffer(pcm, dtype=np.int16)


def scramble(file: Path) -> None:
    """Turn weights into others of the same size, in place."""
    weights = np.memmap(file, dtype=np.float32, mode="r+")
    weights[:] = weights[::-1].copy()
    weights.flush()


@pytest.mark.parametrize(
    ("quality", "stage"),
    [pytest.param("full", "vocoder.int8-*", marks=pytest.mark.slow), ("distilled", "decoder-*")],
)
def test_sound_of_damaged_weights_is_repaired_and_not_replayed(
    own_cache: Config, quality: Quality, stage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The weights change while a server runs, which then caches noise."""
    config = replace(own_cache, voice=replace(own_cache.voice, quality=quality))
    expected = say(config)
    cache = Path(config.directories.cache)
    (weights,) = [
        file
        for file in cache.rglob(f"{stage}/{WEIGHTS_FILE}")
        if ("distilled" in file.parts) == (quality == "distilled")
    ]
    shutil.rmtree(cache / "phrases")
    scramble(weights)
    # A server that runs does not notice the damage. Nor does this one, because the seal has the new times.
    stamp_seal(weights)
    assert not np.array_equal(say(config), expected)
    os.utime(weights)
    caplog.clear()
    assert np.array_equal(say(config), expected)
    assert [record.levelname for record in caplog.records if "damaged" in record.message] == ["WARNING"]
    caplog.clear()
    assert np.array_equal(say(config), expected)
    assert "damaged" not in caplog.text


def stamp_seal(file: Path) -> None:
    """Write the present times of `file` into its seal, but keep its digest."""
    seal, state = read_checked(file.with_name(SEAL_FILE), Seal), file.stat()
    times = replace(seal.files[file.name], modified_ns=state.st_mtime_ns, changed_ns=state.st_ctime_ns)
    write_checked(file.with_name(SEAL_FILE), replace(seal, files={**seal.files, file.name: times}))


@pytest.fixture
def mount_command() -> list[str]:
    """The beginning of a command that sees one folder as read-only."""
    command = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh"]
    try:
        subprocess.run([*command, "/tmp", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount")
    return command


@pytest.mark.parametrize("quality", [pytest.param("full", marks=pytest.mark.slow), "distilled"])
def test_prepared_cache_on_a_read_only_disk_speaks(
    own_cache: Config, quality: Quality, mount_command: list[str], tmp_path: Path
) -> None:
    config = replace(own_cache, voice=replace(own_cache.voice, quality=quality))
    say(config)
    cache = Path(config.directories.cache)
    options = ["--cache", str(cache), "--state", str(tmp_path / "state"), "--quality", quality]
    command = [*mount_command, str(cache), sys.executable, "-c", SAY, *options]
    done = subprocess.run(
        [*command, "say", "A new sentence.", "--output", str(tmp_path / "x.wav")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.wav").stat().st_size > 20_000
    assert "Preparing" not in done.stderr
    assert "damaged" not in done.stderr
