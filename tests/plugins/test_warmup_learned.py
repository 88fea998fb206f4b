"""What is learned about a house: what is kept of it, for how long, and who may read it."""

from __future__ import annotations

import logging
import math
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.quiet_house import EMMA, HEART, Clock
from wyoming_kokoro import Phrase, Voice
from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro_warmup import notebook
from wyoming_kokoro_warmup.learned import LONGEST, WAITING, Learned
from wyoming_kokoro_warmup.notebook import Notebook, Said

LOG = logging.getLogger("wyoming_kokoro.plugins.warmup")


class Home:
    """A house that learns, in a folder, whose clock can be put forward."""

    def __init__(self, folder: Path, default: Voice = HEART) -> None:
        self.clock = Clock()
        self.file = folder / "state" / "learned-1.sqlite"
        self.learned = Learned(self.file, self.clock, LOG)
        self.learned.listen(default)

    def hear(self, text: str, times: int = 1, voice: str = "af_heart") -> None:
        for _ in range(times):
            self.learned.note(SegmentFinished(text, voice, cached=True, seconds=1.0))
        self.learned.keep()

    def phrases(self, default: Voice = HEART) -> list[Phrase]:
        return list(self.learned.phrases(default))

    def texts(self) -> list[str]:
        return [phrase.text for phrase in self.phrases()]

    def rows(self) -> int:
        with sqlite3.connect(self.file) as database:
            (count,) = database.execute("SELECT count(*) FROM said").fetchone()
        database.close()
        return int(count)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_what_is_said_five_times_is_kept(home: Home) -> None:
    home.hear("The washing is done", 4)
    assert home.texts() == []
    home.hear("The washing is done")
    (phrase,) = home.phrases()
    assert (phrase.text, phrase.voice) == ("The washing is done", None)
    assert phrase.requests_per_day == pytest.approx(5.0)


def test_what_is_said_on_two_days_is_kept_sooner(home: Home) -> None:
    home.hear("Bedtime", 2)
    home.clock.advance(days=1)
    home.hear("Bedtime")
    assert home.texts() == ["Bedtime"]


def test_what_was_said_once_cannot_be_read(home: Home) -> None:
    """Of what is no habit there is a hash, and no word of it in any file."""
    home.hear("Anna meets her doctor at four", 4)
    assert home.rows() == 1
    for file in home.file.parent.iterdir():
        assert b"doctor" not in file.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_nobody_else_may_read_the_file(home: Home) -> None:
    home.hear("Bedtime", 5)
    assert stat.S_IMODE(home.file.stat().st_mode) == 0o600


def test_long_texts_are_not_learned(home: Home) -> None:
    home.hear("x" * LONGEST, 5)
    home.hear("y" * (LONGEST + 1), 5)
    home.hear("  \n ", 5)
    assert home.texts() == ["x" * LONGEST]
    assert home.rows() == 1


def test_text_that_is_no_text_harms_nobody(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    for text in ("\ud83d", "a\x00b", "half \udc00 a pair"):
        home.hear(text, 5)
    assert home.texts() == ["a\x00b", "half  a pair"]
    assert not caplog.records


def test_what_is_said_more_is_worth_more_and_fades(home: Home) -> None:
    home.hear("Old habit", 20)
    (before,) = home.phrases()
    home.clock.advance(days=28)
    home.hear("New habit", 20)
    new, old = home.phrases()
    assert (new.text, old.text) == ("New habit", "Old habit")
    assert new.requests_per_day > before.requests_per_day * 0.9 > old.requests_per_day * 5


def test_a_steady_habit_is_worth_what_it_is(home: Home) -> None:
    for _ in range(40):
        home.hear("Good morning", 3)
        home.clock.advance(days=1)
    (phrase,) = home.phrases()
    assert math.isclose(phrase.requests_per_day, 3.0, rel_tol=0.1)


def test_what_is_not_said_any_more_is_dropped(home: Home) -> None:
    home.hear("Merry Christmas", 5)
    home.clock.advance(days=61)
    assert home.texts() == []
    home.hear("Something else")
    assert home.rows() == 1


def test_the_default_voice_is_whichever_it_is(home: Home) -> None:
    """What it said is made for its successor; what another voice said stays that voice's."""
    home.hear("By the default voice", 5)
    home.hear("By Emma", 5, voice=EMMA.name)
    assert {(phrase.text, phrase.voice) for phrase in home.phrases()} == {
        ("By the default voice", None),
        ("By Emma", "bf_emma"),
    }
    assert {phrase.voice for phrase in home.phrases(EMMA)} == {None}


def test_habits_outlive_the_process(tmp_path: Path) -> None:
    Home(tmp_path).hear("Bedtime", 5)
    assert Home(tmp_path).texts() == ["Bedtime"]


def test_too_many_are_not_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "MOST_TEXTS", 3)
    monkeypatch.setattr(notebook, "MOST_HASHES", 10)
    for number in range(20):
        home.hear("Comes late")
        home.hear(f"Habit {number}", 5 + number)
        home.hear(f"Once {number}")
    assert sorted(home.texts()) == ["Habit 17", "Habit 18", "Habit 19"]
    assert home.rows() == 13
    home.hear("Comes late", 5)
    assert "Comes late" in home.texts(), "who has no room now is still counted"


def test_more_than_can_wait_is_not_remembered(home: Home) -> None:
    for number in range(WAITING + 500):
        home.learned.note(SegmentFinished(f"Sentence {number}", "af_heart", cached=False, seconds=1.0))
    home.learned.keep()
    assert home.rows() == WAITING


def test_forgetting_leaves_no_word(home: Home) -> None:
    home.hear("Anna meets her doctor at four", 5)
    home.learned.note(SegmentFinished("Not kept yet", "af_heart", cached=False, seconds=1.0))
    home.learned.forget()
    home.learned.keep()
    assert home.texts() == []
    assert home.rows() == 0
    for file in home.file.parent.iterdir():
        assert b"doctor" not in file.read_bytes()


def test_another_process_makes_a_running_server_forget(home: Home) -> None:
    home.hear("Bedtime", 5)
    program = (
        "import sys, logging, datetime; from pathlib import Path; from wyoming_kokoro_warmup.learned import Learned;"
        "Learned(Path(sys.argv[1]), lambda: datetime.datetime.now(), logging.getLogger()).forget()"
    )
    subprocess.run([sys.executable, "-c", program, str(home.file)], check=True)
    assert home.texts() == []
    home.hear("Bedtime", 5)
    assert home.texts() == ["Bedtime"]


def test_a_look_makes_no_file(home: Home) -> None:
    assert home.texts() == []
    home.learned.forget()
    assert not home.file.parent.exists()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_set_aside(home: Home, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    home.file.parent.mkdir()
    home.file.write_bytes(content)
    assert home.texts() == []
    home.hear("Bedtime", 5)
    assert home.texts() == ["Bedtime"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert home.file.with_suffix(".damaged").read_bytes() == content
    home.learned.forget()
    assert [file.name for file in home.file.parent.iterdir()] == [home.file.name]


def test_a_damaged_page_is_no_end(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(200):
        home.learned.note(SegmentFinished(f"Sentence {number}", "af_heart", cached=False, seconds=1.0))
    home.learned.keep()
    with home.file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * 8192)
    for _ in range(3):
        home.hear("Bedtime", 5)
    assert home.texts() == ["Bedtime"]
    assert len(caplog.records) == 1


def test_where_nothing_can_be_written_nothing_is_learned(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    home.file.parent.write_text("a file where the directory should be")
    for _ in range(3):
        home.hear("Bedtime", 5)
        assert home.texts() == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "nothing is learned" in caplog.text


def test_the_log_has_no_word_of_it(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    home.hear("Anna meets her doctor at four", 5)
    home.file.write_bytes(b"damaged" * 1000)
    home.hear("Anna meets her doctor at four", 5)
    assert "doctor" not in caplog.text


said = st.builds(Said, st.sampled_from("abc"), st.sampled_from(["", "x"]), st.integers(739_000, 739_100))


@given(st.lists(said, max_size=40), st.integers(0, 3))
def test_counting_does_not_depend_on_how_it_is_cut(batch: list[Said], cut: int) -> None:
    """Whatever the order of the days, a habit is what was said often enough, at a sane rate."""
    counts = {(one.text, one.voice): sum(other == replace(one, day=other.day) for other in batch) for one in batch}
    with tempfile.TemporaryDirectory() as folder:
        kept = Notebook(Path(folder) / "a.sqlite", LOG)
        for start in range(0, len(batch), cut + 1):
            kept.write(batch[start : start + cut + 1], 739_000)
        habits = {(habit.text, habit.voice): habit.a_day for habit in kept.habits(739_000)}
    for what, count in counts.items():
        assert what in habits if count >= notebook.OFTEN else True
        assert what not in habits if count < notebook.OFTEN_ON_DAYS else True
    assert all(0 < a_day < float("inf") for a_day in habits.values())
