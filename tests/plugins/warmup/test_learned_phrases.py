from __future__ import annotations

import logging
import math
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.warmup_fakes import EMMA, HEART, FakeLocalTime
from wyoming_kokoro import Phrase, PhraseQueue, Voice
from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro_warmup import usage_database
from wyoming_kokoro_warmup.learned_phrases import MAX_CHARACTERS, MAX_UNSAVED, LearnedPhrases
from wyoming_kokoro_warmup.usage_database import SpokenText, UsageDatabase

LOG = logging.getLogger("wyoming_kokoro.plugins.warmup")


class Learner:
    """Learned phrases with a fake clock and a database in a folder."""

    def __init__(self, folder: Path, default: Voice = HEART) -> None:
        self.clock = FakeLocalTime()
        self.file = folder / "state" / "learned-1.sqlite"
        self.is_time_passing = True
        self.restart(default)

    def restart(self, default: Voice = HEART) -> None:
        self.learned = LearnedPhrases(self.file, self.clock, LOG, self.monotonic)
        self.learned.start(default)

    def monotonic(self) -> float:
        return self.clock().timestamp() if self.is_time_passing else 0.0

    def speak(self, text: str, times: int = 1, voice: str = "af_heart") -> None:
        for _ in range(times):
            self.learned.add(SegmentFinished(text, voice, cached=True, seconds=1.0))
        self.learned.save()

    def phrases(self, default: Voice = HEART) -> list[Phrase]:
        return PhraseQueue([self.learned], default, LOG).read()

    def texts(self) -> list[str]:
        return [phrase.text for phrase in self.phrases()]

    def row_count(self) -> int:
        with sqlite3.connect(self.file) as database:
            (count,) = database.execute("SELECT count(*) FROM spoken").fetchone()
        database.close()
        return int(count)


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    return Learner(tmp_path)


def test_text_is_frequent_after_five_uses(learner: Learner) -> None:
    learner.speak("The washing is done", 4)
    assert learner.texts() == []
    learner.speak("The washing is done")
    (phrase,) = learner.phrases()
    assert (phrase.text, phrase.voice) == ("The washing is done", None)
    assert phrase.requests_per_day == pytest.approx(5.0)


def test_text_is_frequent_after_three_uses_on_two_days(learner: Learner) -> None:
    learner.speak("Bedtime", 2)
    learner.clock.advance(days=1)
    learner.speak("Bedtime")
    assert learner.texts() == ["Bedtime"]


def test_rare_text_is_in_no_file(learner: Learner) -> None:
    learner.speak("Anna meets her doctor at four", 4)
    assert learner.row_count() == 1
    for file in learner.file.parent.iterdir():
        assert b"doctor" not in file.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_only_the_owner_can_read_the_file(learner: Learner) -> None:
    learner.speak("Bedtime", 5)
    assert stat.S_IMODE(learner.file.stat().st_mode) == 0o600


def test_long_and_empty_texts_are_not_learned(learner: Learner) -> None:
    learner.speak("x" * MAX_CHARACTERS, 5)
    learner.speak("y" * (MAX_CHARACTERS + 1), 5)
    learner.speak("  \n ", 5)
    assert learner.texts() == ["x" * MAX_CHARACTERS]
    assert learner.row_count() == 1


def test_lone_surrogates_are_dropped(learner: Learner, caplog: pytest.LogCaptureFixture) -> None:
    for text in ("\ud83d", "a\x00b", "half \udc00 a pair"):
        learner.speak(text, 5)
    assert learner.texts() == ["a\x00b", "half  a pair"]
    assert not caplog.records


def test_recent_uses_weigh_more(learner: Learner) -> None:
    learner.speak("Old phrase", 20)
    (before,) = learner.phrases()
    learner.clock.advance(days=28)
    learner.speak("New phrase", 20)
    new, old = learner.phrases()
    assert (new.text, old.text) == ("New phrase", "Old phrase")
    assert new.requests_per_day > before.requests_per_day * 0.9 > old.requests_per_day * 5


def test_rate_of_a_daily_phrase_is_its_uses_per_day(learner: Learner) -> None:
    for _ in range(40):
        learner.speak("Good morning", 3)
        learner.clock.advance(days=1)
    (phrase,) = learner.phrases()
    assert math.isclose(phrase.requests_per_day, 3.0, rel_tol=0.1)


def test_unused_phrase_is_deleted_after_sixty_days(learner: Learner) -> None:
    learner.speak("Merry Christmas", 5)
    learner.clock.advance(days=61)
    assert learner.texts() == []
    learner.speak("Something else")
    assert learner.row_count() == 1


def test_phrases_of_the_default_voice_follow_a_new_default(learner: Learner) -> None:
    learner.speak("By the default voice", 5)
    learner.speak("By Emma", 5, voice=EMMA.name)
    assert {(phrase.text, phrase.voice) for phrase in learner.phrases()} == {
        ("By the default voice", None),
        ("By Emma", "bf_emma"),
    }
    assert {phrase.voice for phrase in learner.phrases(EMMA)} == {None}


def test_phrases_survive_a_restart(tmp_path: Path) -> None:
    Learner(tmp_path).speak("Bedtime", 5)
    assert Learner(tmp_path).texts() == ["Bedtime"]


def test_excess_rows_are_deleted_and_can_become_frequent_again(
    learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_database, "MAX_TEXTS", 3)
    monkeypatch.setattr(usage_database, "MAX_HASHES", 10)
    for number in range(20):
        learner.speak("Comes late")
        learner.speak(f"Frequent {number}", 5 + number)
        learner.speak(f"Once {number}")
    assert sorted(learner.texts()) == ["Frequent 17", "Frequent 18", "Frequent 19"]
    assert learner.row_count() == 13
    learner.speak("Comes late", 5)
    assert "Comes late" in learner.texts()


def test_unsaved_segments_are_limited(learner: Learner) -> None:
    for number in range(MAX_UNSAVED + 500):
        learner.learned.add(SegmentFinished(f"Sentence {number}", "af_heart", cached=False, seconds=1.0))
    learner.learned.save()
    assert learner.row_count() == MAX_UNSAVED


def test_forget_removes_all_text_from_the_disk(learner: Learner) -> None:
    learner.speak("Anna meets her doctor at four", 5)
    learner.learned.add(SegmentFinished("Not saved yet", "af_heart", cached=False, seconds=1.0))
    learner.learned.forget()
    learner.learned.save()
    assert learner.texts() == []
    assert learner.row_count() == 0
    for file in learner.file.parent.iterdir():
        assert b"doctor" not in file.read_bytes()


def test_forget_in_another_process_affects_a_running_server(learner: Learner) -> None:
    learner.speak("Bedtime", 5)
    program = (
        "import sys, logging, datetime; from pathlib import Path;"
        "from wyoming_kokoro_warmup.learned_phrases import LearnedPhrases;"
        "LearnedPhrases(Path(sys.argv[1]), lambda: datetime.datetime.now(), logging.getLogger()).forget()"
    )
    subprocess.run([sys.executable, "-c", program, str(learner.file)], check=True)
    assert learner.texts() == []
    learner.speak("Bedtime", 5)
    assert learner.texts() == ["Bedtime"]


def test_reading_creates_no_file(learner: Learner) -> None:
    assert learner.texts() == []
    learner.learned.forget()
    assert not learner.file.parent.exists()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_damaged_file_is_renamed_and_learning_starts_again(
    learner: Learner, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    learner.file.parent.mkdir()
    learner.file.write_bytes(content)
    assert learner.texts() == []
    learner.speak("Bedtime", 5)
    assert learner.texts() == ["Bedtime"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert learner.file.with_suffix(".damaged").read_bytes() == content
    learner.learned.forget()
    assert [file.name for file in learner.file.parent.iterdir()] == [learner.file.name]


def test_damaged_page_is_logged_once_and_learning_continues(learner: Learner, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(200):
        learner.learned.add(SegmentFinished(f"Sentence {number}", "af_heart", cached=False, seconds=1.0))
    learner.learned.save()
    with learner.file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * 8192)
    for _ in range(3):
        learner.speak("Bedtime", 5)
    assert learner.texts() == ["Bedtime"]
    assert len(caplog.records) == 1


def test_unwritable_directory_disables_learning(learner: Learner, caplog: pytest.LogCaptureFixture) -> None:
    learner.file.parent.write_text("a file instead of a directory")
    for _ in range(3):
        learner.speak("Bedtime", 5)
        assert learner.texts() == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "nothing is learned" in caplog.text


def test_log_contains_no_spoken_text(learner: Learner, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    learner.speak("Anna meets her doctor at four", 5)
    learner.file.write_bytes(b"damaged" * 1000)
    learner.speak("Anna meets her doctor at four", 5)
    assert "doctor" not in caplog.text


spoken_texts = st.tuples(st.sampled_from("abc"), st.sampled_from(["", "x"]), st.integers(739_000, 739_100))


@pytest.mark.parametrize("wrong_days", [-20_000, 365])
@pytest.mark.parametrize("restarts", [False, True])
def test_wrong_clock_loses_no_phrase(learner: Learner, wrong_days: int, restarts: bool) -> None:
    """Phrases are spoken before, while and after the clock is wrong, and the time that passes is short."""
    learner.is_time_passing = False
    learner.restart()
    learner.speak("Before", 5)
    for text, days in (("Meanwhile", wrong_days), ("After", -wrong_days)):
        learner.clock.advance(days=days)
        if restarts:
            learner.restart()
        learner.speak(text, 5)
    assert sorted(learner.texts()) == ["After", "Before", "Meanwhile"]
    assert {round(phrase.requests_per_day) for phrase in learner.phrases()} <= {2, 3, 5}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE spoken SET text = CAST(x'e4' AS TEXT)",
        "UPDATE spoken SET text = x'e4'",
        "UPDATE spoken SET score = 'x'",
        "UPDATE spoken SET last_day = 'x'",
        "DROP TABLE spoken",
        "ALTER TABLE spoken RENAME COLUMN score TO worth",
    ],
)
def test_damaged_rows_do_not_end_learning(learner: Learner, statement: str) -> None:
    learner.speak("Before", 5)
    with closing(sqlite3.connect(learner.file)) as database, database:
        database.execute(statement)
    learner.restart()
    assert learner.texts() in ([], ["\ufffd"])
    learner.speak("Bedtime", 5)
    assert "Bedtime" in learner.texts()


def test_file_that_is_a_link_is_not_written(learner: Learner, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    target = tmp_path / "diary"
    target.touch()
    learner.file.parent.mkdir()
    learner.file.symlink_to(target)
    learner.speak("Bedtime", 5)
    assert target.read_bytes() == b""
    assert len(caplog.records) == 1


@given(st.lists(spoken_texts, max_size=40), st.integers(1, 4))
def test_frequent_phrases_do_not_depend_on_batches_or_order(spoken: list[SpokenText], batch_size: int) -> None:
    counts = Counter((text, voice) for text, voice, _ in spoken)
    with tempfile.TemporaryDirectory() as folder:
        database = UsageDatabase(Path(folder) / "a.sqlite", LOG)
        for start in range(0, len(spoken), batch_size):
            database.add(spoken[start : start + batch_size], 739_000)
        frequent = {(phrase.text, phrase.voice or ""): phrase for phrase in database.frequent_phrases(739_000)}
    for key, count in counts.items():
        assert key in frequent if count >= 5 else True
        assert key not in frequent if count < 3 else True
    assert all(0 < phrase.requests_per_day < float("inf") for phrase in frequent.values())
