"""The file of taught words: its form, damage, and several writers."""

from __future__ import annotations

import logging
import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro_lexicon.words_file import MAX_FILE_BYTES, Words, WordsFile

LOG = logging.getLogger("wyoming_kokoro.plugins.lexicon")
WRITERS, WORDS_EACH = 4, 10


@pytest.fixture
def file(tmp_path: Path) -> WordsFile:
    return WordsFile(tmp_path / "state" / "words.toml", LOG)


def add(file: WordsFile, language: str, word: str, sound: str) -> None:
    def change(words: Words) -> None:
        words.setdefault(language, {})[word] = sound

    file.change(change)


def add_many(path: Path, writer: int) -> None:
    """Run in a process of its own."""
    file = WordsFile(path, LOG)
    for number in range(WORDS_EACH):
        add(file, "en", f"word {writer} {number}", "x")


def test_file_is_readable_and_created_with_the_first_word(file: WordsFile) -> None:
    assert (file.read(), file.stamp()) == ({}, None)
    assert not file.path.parent.exists()
    add(file, "en", "Kokoro", "/kˈOkəɹO/")
    add(file, "en", "O'Neill", "oh neel")
    assert file.path.read_text("utf-8").endswith("""
[en]
Kokoro = "/kˈOkəɹO/"
"O\'Neill" = "oh neel"
""")


@given(
    words=st.dictionaries(
        st.text("abc", min_size=1), st.dictionaries(st.text(), st.text(), min_size=1, max_size=4), max_size=3
    )
)
def test_any_words_are_read_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, words: Words) -> None:
    file = WordsFile(tmp_path_factory.getbasetemp() / "round_trip.toml", LOG)

    def replace(current: Words) -> None:
        current.clear()
        current.update(words)

    assert file.change(replace) == words
    assert file.read() == words


def test_stamp_changes_with_each_write(file: WordsFile) -> None:
    stamps = []
    for sound in ("x", "y", "x"):
        add(file, "en", "a", sound)
        stamps.append(file.stamp())
    assert len(set(stamps)) == 3


@pytest.mark.parametrize(
    "content",
    [b"[en\n", b"en = 5\n", b"[en]\na = 5\n", b"\xff\xfe", b"x = " + b"[" * 5000, b"#" * (MAX_FILE_BYTES + 1)],
)
def test_damaged_file_is_renamed_by_a_change_and_replaced_by_the_known_words(
    file: WordsFile, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    add(file, "en", "a", "x")
    file.path.write_bytes(content)
    with pytest.raises(ValueError):  # noqa: PT011 the parser raises it
        file.read()
    assert file.path.read_bytes() == content
    add(file, "en", "b", "y")
    assert file.read() == {"en": {"a": "x", "b": "y"}}
    assert file.path.with_suffix(".damaged").read_bytes() == content
    (record,) = caplog.records
    assert "words.toml is damaged and is renamed to words.damaged" in record.getMessage()


def test_failed_change_leaves_the_file_as_it_was(file: WordsFile) -> None:
    add(file, "en", "a", "x")
    before = file.path.read_bytes()

    def fail(words: Words) -> None:
        words.clear()
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 the test raises it
        file.change(fail)
    assert file.path.read_bytes() == before
    assert sorted(item.name for item in file.path.parent.iterdir()) == ["words.lock", "words.toml"]


def test_concurrent_processes_lose_no_word(file: WordsFile) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=add_many, args=(file.path, writer)) for writer in range(WRITERS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    assert len(file.read()["en"]) == WRITERS * WORDS_EACH
