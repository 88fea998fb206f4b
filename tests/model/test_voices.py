"""The names and the styles of built-in voices and of voices files."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import wyoming_kokoro
from wyoming_kokoro import StartupError
from wyoming_kokoro.model.styles import MAX_CACHED_VOICES, MAX_PHONEMES, STYLE_WIDTH, Styles
from wyoming_kokoro.model.voices import published_voices

BUILTIN_FILE = Path(wyoming_kokoro.__file__).parent / "data" / "voices.npz"


@pytest.fixture(scope="module")
def styles() -> Styles:
    return Styles.from_factors(BUILTIN_FILE)


def write_voices(folder: Path, **voices: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Path:
    file = folder / "voices-v1.0.bin"
    with file.open("wb") as stream:
        np.savez(stream, **voices)  # type: ignore[arg-type]
    return file


def test_54_voices_are_built_in(styles: Styles) -> None:
    assert len(styles.names) == 54
    assert len(published_voices(styles.names)) == 54
    assert BUILTIN_FILE.stat().st_size < 2_100_000


def test_style_is_a_row_of_256(styles: Styles) -> None:
    style = styles.row("af_heart", 12)
    assert style.shape == (1, STYLE_WIDTH)
    assert style.dtype == np.float32


@pytest.mark.parametrize(("phonemes", "row"), [(1, 0), (12, 11), (510, 509), (0, 0), (600, 509)])
def test_row_is_one_less_than_the_number_of_phonemes(tmp_path: Path, phonemes: int, row: int) -> None:
    rows = np.arange(MAX_PHONEMES, dtype=np.float32)[:, None, None].repeat(STYLE_WIDTH, axis=2)
    styles = Styles.from_file(write_voices(tmp_path, af_mine=rows))
    assert styles.row("af_mine", phonemes)[0, 0] == row


def test_voices_file_has_the_written_styles(styles: Styles, tmp_path: Path) -> None:
    whole = np.concatenate([styles.row("bm_lewis", count) for count in range(1, MAX_PHONEMES + 1)])
    read = Styles.from_file(write_voices(tmp_path, bm_lewis=whole[:, None, :]))
    assert read.names == ("bm_lewis",)
    np.testing.assert_array_equal(read.row("bm_lewis", 77), styles.row("bm_lewis", 77))


def test_best_voice_of_a_language_sorts_first() -> None:
    def first(language: str) -> str:
        names = Styles.from_factors(BUILTIN_FILE).names
        voices = [voice for voice in published_voices(names) if voice.language == language]
        return min(voices, key=lambda voice: voice.description).name

    assert first("en-US") == "af_heart"
    assert first("en-GB") == "bf_emma"
    assert first("ja") == "jf_alpha"


def test_description_has_grade_name_accent_and_gender() -> None:
    (voice,) = published_voices(["zm_yunyang"])
    assert voice.description == "D, Yunyang (Chinese, male)"
    assert (voice.language, voice.grade) == ("zh-CN", "D")


def test_names_without_a_known_language_are_left_out() -> None:
    assert published_voices(["heart", "xf_anna", "an_anna", "", "af_"])[0].name == "af_"
    assert len(published_voices(["heart", "xf_anna", "an_anna", ""])) == 0


def test_names_that_look_like_blends_are_left_out() -> None:
    assert published_voices(["af_a+af_b", "af_a*2", "af_a b", "af_(2)"]) == ()


def test_blend_is_the_weighted_mean_of_its_voices(styles: Styles) -> None:
    heart, bella = styles.all("af_heart"), styles.all("af_bella")
    np.testing.assert_allclose(styles.all("af_bella+af_heart*3"), (bella + 3 * heart) / 4, atol=1e-5)
    assert styles.row("af_bella+af_heart", 9).dtype == np.float32


def test_memory_for_blends_is_limited() -> None:
    tracemalloc.start()
    styles = Styles.from_factors(BUILTIN_FILE)
    for weight in range(1, 60):
        styles.row(f"af_bella*{weight}+af_heart*61", 10)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    one = styles.all("af_heart").nbytes
    assert held < BUILTIN_FILE.stat().st_size * 4 + (MAX_CACHED_VOICES + 3) * one


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 broken", b"\x93NUMPY"])
def test_broken_file_is_an_error_of_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "voices-v1.0.bin"
    file.write_bytes(content)
    with pytest.raises(StartupError, match=r"voices-v1\.0\.bin .*download it again") as raised:
        Styles.from_file(file)
    assert "\n" not in str(raised.value)


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="missing; check the path"):
        Styles.from_file(tmp_path / "missing.bin")


def test_voice_with_too_few_styles_is_an_error(tmp_path: Path) -> None:
    styles = Styles.from_file(write_voices(tmp_path, af_short=np.zeros((3, 1, STYLE_WIDTH), dtype=np.float32)))
    with pytest.raises(ValueError, match="3 styles instead of 510"):
        styles.row("af_short", 12)
