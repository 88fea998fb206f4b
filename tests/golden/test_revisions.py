"""A changed sound or reading needs a new revision number. Otherwise the phrase cache plays old recordings."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.golden.recordings import READINGS, SOUND, golden_config, read, record, recorded_readings

# Float arithmetic differs in the last bits between CPUs, about 90 dB below the voice.
MIN_SNR_DB = 40.0


@pytest.mark.model
async def test_changed_sound_has_a_new_revision(model_cache: Path, tmp_path: Path) -> None:
    assert SOUND.exists(), "SOUND_REVISION was raised: run `python -m tests.golden.recordings`"
    golden, _ = await asyncio.to_thread(soundfile.read, SOUND, dtype="int16")
    pcm = await record(golden_config(model_cache, tmp_path))
    advice = "the sound has changed: raise SOUND_REVISION, then run `python -m tests.golden.recordings`"
    assert len(pcm) == len(golden), advice
    noise = np.square(pcm.astype(float) - golden).sum()
    snr_db = 10 * np.log10(np.square(golden.astype(float)).sum() / max(noise, 1.0))
    assert snr_db > MIN_SNR_DB, advice


async def test_changed_reading_has_a_new_revision(model_cache: Path, tmp_path: Path) -> None:
    assert READINGS.exists(), "PRONUNCIATION_REVISION was raised: run `python -m tests.golden.recordings`"
    advice = "a reading has changed: raise PRONUNCIATION_REVISION, then run `python -m tests.golden.recordings`"
    assert await read(golden_config(model_cache, tmp_path)) == recorded_readings(), advice
