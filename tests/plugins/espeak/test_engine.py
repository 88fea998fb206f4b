"""espeak NG in processes of their own: its library ends a process that it cannot serve."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import espeakng_loader
import pytest

from wyoming_kokoro import StartupError
from wyoming_kokoro_espeak.engine import EspeakEngine
from wyoming_kokoro_espeak.library import EspeakLibrary
from wyoming_kokoro_espeak.probe import check_dictionary, check_phonemes

Phonemize = Callable[..., list[str]]
CODE = """
import os, sys
from pathlib import Path
from wyoming_kokoro import StartupError
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_espeak import EspeakPlugin
try:
    plugin = EspeakPlugin(plugin_context("espeak", Path(os.environ["FOLDER"])))
    for language in ("en-US", "fr-FR"):
        print(plugin.kokoro_phonemizer(language).phonemize("radio"))
except StartupError as error:
    print(error)
"""


@pytest.fixture
def phonemize(session_folder: Path) -> Phonemize:
    """A function that returns the phonemes of "radio" in English and French, or the error."""

    def phonemize(**environment: str | Path) -> list[str]:
        variables = {
            "PYTHONPATH": ":".join(filter(None, sys.path)),
            "FOLDER": str(session_folder / "espeak"),
            **{key: str(value) for key, value in environment.items()},
        }
        done = subprocess.run([sys.executable, "-c", CODE], env=variables, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    return phonemize


@pytest.fixture
def long_folder(tmp_path: Path) -> Path:
    """A folder whose path has more than 200 bytes, with letters of two bytes."""
    folder = tmp_path / ("Wohnküche-" * 20)
    folder.mkdir()
    assert len(os.fsencode(folder)) > 200
    return folder


def test_data_with_a_long_path_is_read(phonemize: Phonemize, long_folder: Path) -> None:
    """espeak stores a path of at most 159 bytes, and would end the process."""
    data = long_folder / "espeak-ng-data"
    data.symlink_to(espeakng_loader.get_data_path())
    library = espeakng_loader.get_library_path()
    found = phonemize(PHONEMIZER_ESPEAK_LIBRARY=library, PHONEMIZER_ESPEAK_DATA_PATH=data)
    assert found == phonemize() == ["ɹˈeɪdɪˌoʊ", "ʁadjˈo"]


def test_temporary_directory_is_not_used(phonemize: Phonemize, tmp_path: Path) -> None:
    """It may be mounted noexec."""
    assert phonemize(TMPDIR=tmp_path / "missing") == phonemize()


def test_library_without_its_data_is_an_error_with_advice(phonemize: Phonemize, tmp_path: Path) -> None:
    library = shutil.copy(espeakng_loader.get_library_path(), tmp_path)
    (error,) = phonemize(PHONEMIZER_ESPEAK_LIBRARY=library, PHONEMIZER_ESPEAK_DATA_PATH=tmp_path)
    assert error.startswith(f"espeak NG cannot read {tmp_path}: ")
    assert "set PHONEMIZER_ESPEAK_LIBRARY to a shared library of espeak NG, and PHONEMIZER_ESPEAK_DATA_PATH" in error
    (error,) = phonemize(PHONEMIZER_ESPEAK_LIBRARY=library, PHONEMIZER_ESPEAK_DATA_PATH=tmp_path / "missing")
    assert "No such file or directory" in error


@pytest.mark.parametrize("name", ["phontab", "phonindex", "phondata", "intonations"])
def test_missing_file_is_an_error(phonemize: Phonemize, tmp_path: Path, name: str) -> None:
    data = shutil.copytree(espeakng_loader.get_data_path(), tmp_path / "espeak-ng-data")
    (data / name).unlink()
    (error,) = phonemize(PHONEMIZER_ESPEAK_LIBRARY=espeakng_loader.get_library_path(), PHONEMIZER_ESPEAK_DATA_PATH=data)
    assert error.startswith("espeak NG cannot read ")


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda content: content[: len(content) // 3],
    "zeroed": lambda content: bytes(len(content)),
    "ones": lambda content: content[:16] + b"\xff" * (len(content) - 16),
    "shifted": lambda content: content[:64] + content[71:],
}


FILES = ("phontab", "phonindex", "phondata", "intonations", "en_dict", "fr_dict")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("phontab", "truncated"),
        ("en_dict", "truncated"),
        *(pytest.param(name, damage, marks=pytest.mark.slow) for name in FILES for damage in DAMAGES),
    ],
)
def test_damaged_data_ends_no_server(phonemize: Phonemize, tmp_path: Path, name: str, damage: str) -> None:
    data = shutil.copytree(espeakng_loader.get_data_path(), tmp_path / "espeak-ng-data", copy_function=os.symlink)
    content = (data / name).read_bytes()
    (data / name).unlink()
    (data / name).write_bytes(DAMAGES[damage](content))
    library = espeakng_loader.get_library_path()
    found = phonemize(FOLDER=tmp_path, PHONEMIZER_ESPEAK_LIBRARY=library, PHONEMIZER_ESPEAK_DATA_PATH=data)
    # Some damages of tables do no harm.
    if name.endswith("_dict") or len(found) != 2:
        assert found[-1].startswith(f"espeak NG cannot read {data}")
        assert "set PHONEMIZER_ESPEAK_LIBRARY" in found[-1]


def test_dictionaries_of_all_languages_are_whole() -> None:
    dictionaries = sorted(Path(espeakng_loader.get_data_path()).glob("*_dict"))
    assert len(dictionaries) > 100
    for dictionary in dictionaries:
        check_dictionary(dictionary)


@pytest.mark.parametrize("name", ["phontab", "phonindex"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_phonemes_are_an_error(tmp_path: Path, name: str, damage: str) -> None:
    """espeak would run past the end of a program, where each process finds something else."""
    data = Path(espeakng_loader.get_data_path())
    check_phonemes(data)
    for file in ("phontab", "phonindex"):
        content = (data / file).read_bytes()
        (tmp_path / file).write_bytes(DAMAGES[damage](content) if file == name else content)
    with pytest.raises(SystemExit, match=f"{name} (is|has)"):
        check_phonemes(tmp_path)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 1000, 53127, 53128, 63726])
def test_cut_dictionary_is_an_error(tmp_path: Path, size: int) -> None:
    """espeak would read past its end, where each process finds something else."""
    path = tmp_path / "fr_dict"
    path.write_bytes(Path(espeakng_loader.get_data_path(), "fr_dict").read_bytes()[:size])
    with pytest.raises(SystemExit, match="fr_dict has no rules"):
        check_dictionary(path)


@pytest.mark.parametrize("damage", ["truncated", *(pytest.param(damage, marks=pytest.mark.slow) for damage in DAMAGES)])
def test_damaged_library_is_not_loaded(phonemize: Phonemize, tmp_path: Path, damage: str) -> None:
    """The next library replaces it."""
    library = tmp_path / "libespeak-ng.so"
    library.write_bytes(DAMAGES[damage](Path(espeakng_loader.get_library_path()).read_bytes()))
    assert phonemize(FOLDER=tmp_path, PHONEMIZER_ESPEAK_LIBRARY=library) == phonemize()


def test_repeated_failures_leave_no_open_files(tmp_path: Path) -> None:
    """A server tries again each minute, and for each request."""
    # Objects of earlier tests may still have files open.
    gc.collect()
    engine = EspeakEngine(EspeakLibrary(espeakng_loader.get_library_path(), str(tmp_path)), lambda: "")
    files = []
    for _ in range(5):
        with pytest.raises(StartupError):
            engine.phonemize("radio", "en-us")
        files.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208 the names do not matter
    assert files[0] == files[-1]


def test_library_of_another_program_is_an_error() -> None:
    engine = EspeakEngine(EspeakLibrary("libc.so.6", None), lambda: "")
    with pytest.raises(StartupError, match="espeak NG cannot be opened"):
        engine.phonemize("radio", "en-us")


def test_engines_share_the_library_but_not_their_voices() -> None:
    library = EspeakLibrary(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    english, french = (EspeakEngine(library, lambda: "") for _ in range(2))
    assert [english.phonemize("radio", "en-us"), french.phonemize("radio", "fr-fr")] * 2 == [
        "ɹˈeɪdɪˌoʊ",
        "ʁadjˈo",
        english.phonemize("radio", "en-us"),
        french.phonemize("radio", "fr-fr"),
    ]
    with pytest.raises(StartupError, match="no voice for xx"):
        english.phonemize("radio", "xx")
