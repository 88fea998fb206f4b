"""Streaming on the real model: what is sent, when, and for voices that nobody knows yet."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

import wyoming_kokoro
from wyoming_kokoro import Array, Provider, Session, SessionOptions, SynthesisFailed
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.model.manifest import BEGIN_INPUT
from wyoming_kokoro.model.statistics import Statistics, VoiceMean
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.pcm import seconds
from wyoming_kokoro.synthesis.statistics_learner import StatisticsLearner
from wyoming_kokoro.synthesis.streaming import StreamingModel
from wyoming_kokoro.trials.results import TrialResults
from wyoming_kokoro.trials.runner import TrialRunner

pytestmark = pytest.mark.model

PHRASE = "ðə fɹˈʌnt dˈoːɹ ɪz ʌnlˈɑːkt."
STATISTICS = Path(wyoming_kokoro.__file__).parent / "data" / "statistics.npz"
LANGUAGES = {"af_heart": "en-US", "af_new": "en-US"}


class NotedLearner(StatisticsLearner):
    """Notes what is wanted."""

    def __init__(self, folder: Path, styles: Styles, statistics: Statistics) -> None:
        super().__init__(folder, styles, LANGUAGES, statistics)
        self.noted: list[str] = []

    def request(self, *voices: str) -> None:
        self.noted.extend(voices)


@pytest.fixture
def statistics() -> Statistics:
    return builtin_statistics(builtin_styles())


@pytest.fixture
def learner(tmp_path: Path, statistics: Statistics) -> Iterator[NotedLearner]:
    learner = NotedLearner(tmp_path, builtin_styles(), statistics)
    yield learner
    learner.close()


def streaming(stages: ModelPipeline, statistics: Statistics, learner: StatisticsLearner) -> StreamingModel:
    memory_state = MemoryState()
    trials = TrialRunner(stages, [], TrialResults(Path(os.devnull)), 2, memory_state)
    pacer = PlaybackPacer(lambda: 1, lambda: None, memory_state)
    return StreamingModel(
        stages,
        builtin_styles(),
        statistics,
        "test",
        learner=learner,
        trials=trials,
        pacer=pacer,
        memory_state=memory_state,
    )


def level(pcm: Array) -> float:
    return float(np.sqrt((pcm.astype(np.float64) ** 2).mean()))


def test_it_speaks_in_windows(stages: ModelPipeline, statistics: Statistics, learner: NotedLearner) -> None:
    chunks = list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0))
    assert [len(chunk) for chunk in chunks[:2]] == [0, 0]  # prosody, decoder
    assert sum(1 for chunk in chunks if len(chunk)) >= 5
    spoken = np.concatenate(chunks)
    assert 1.1 < seconds(spoken) < 1.9
    assert level(spoken) > 500
    assert learner.noted == []


def test_silence_around_is_gone_and_speech_is_not(
    stages: ModelPipeline, statistics: Statistics, learner: NotedLearner
) -> None:
    spoken = np.concatenate(list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0)))
    loud = np.flatnonzero(np.abs(spoken.astype(int)) > 330)  # one percent of full scale
    assert loud[0] / 24_000 < 0.06
    assert loud[-1] / len(spoken) < 0.995


def test_int8_sounds_like_float(
    stages_folder: Path, stages: ModelPipeline, statistics: Statistics, learner: NotedLearner
) -> None:
    int8 = Provider("cpu", 1, "int8", lambda file, options: open_onnx(file, ["CPUExecutionProvider"], options))
    quantised = ModelPipeline(stages_folder, [int8], SessionOptions(2, stages_folder))
    exact, close = (
        np.concatenate(list(streaming(some, statistics, learner).synthesize(PHRASE, "af_heart", 1.0))).astype(float)
        for some in (stages, quantised)
    )
    quantised.close()
    length = min(len(exact), len(close))
    assert abs(len(exact) - len(close)) < 1200
    spectra = [
        np.abs(np.fft.rfft(one[:length].reshape(-1)[: length // 512 * 512].reshape(-1, 512))) for one in (exact, close)
    ]
    assert np.corrcoef(spectra[0].ravel(), spectra[1].ravel())[0, 1] > 0.95
    assert not np.array_equal(exact, close)


def test_speed_changes_the_length(stages: ModelPipeline, statistics: Statistics, learner: NotedLearner) -> None:
    speaker = streaming(stages, statistics, learner)
    slow, fast = (seconds(np.concatenate(list(speaker.synthesize(PHRASE, "af_heart", speed)))) for speed in (0.7, 1.6))
    assert slow > 1.6 * fast


def test_the_longest_segment_and_the_shortest(
    stages: ModelPipeline, statistics: Statistics, learner: NotedLearner
) -> None:
    speaker = streaming(stages, statistics, learner)
    assert seconds(np.concatenate(list(speaker.synthesize("aɪ", "af_heart", 2.0)))) > 0.1
    longest = speaker.synthesize(("pə" * 255)[:510], "af_heart", 2.0)
    assert any(len(chunk) for chunk in longest)
    longest.close()


def test_an_unknown_voice_is_decoded_whole_and_asked_for(
    stages: ModelPipeline, statistics: Statistics, learner: NotedLearner
) -> None:
    known = np.concatenate(list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0)))
    statistics.remove("af_heart")
    chunks = [
        chunk for chunk in streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0) if len(chunk)
    ]
    assert len(chunks) == 1
    assert learner.noted == ["af_heart"]
    assert abs(seconds(chunks[0]) - seconds(known)) < 0.25


def test_a_blend_streams_at_once_and_is_a_voice_of_its_own(
    stages: ModelPipeline, statistics: Statistics, learner: NotedLearner
) -> None:
    speaker = streaming(stages, statistics, learner)
    blend, heart = (list(speaker.synthesize(PHRASE, voice, 1.0)) for voice in ("af_heart+bf_emma", "af_heart"))
    assert len(blend) >= 7  # units of work: prosody, decoder, and a window each
    assert learner.noted == ["af_heart+bf_emma"]
    assert 0.5 < level(np.concatenate(blend)) / level(np.concatenate(heart)) < 2
    assert not np.array_equal(np.concatenate(blend), np.concatenate(heart))


def test_a_blend_waits_for_a_voice_that_is_not_known(
    stages: ModelPipeline, statistics: Statistics, learner: NotedLearner
) -> None:
    """Both are asked for: whether the blend is worth it is the learner's to decide."""
    statistics.remove("bf_emma")
    chunks = [
        len(chunk) for chunk in streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart+bf_emma", 1.0)
    ]
    assert len([length for length in chunks if length]) == 1
    assert learner.noted == ["af_heart+bf_emma", "bf_emma"]


def test_a_blend_that_was_learned_asks_for_nothing(
    stages: ModelPipeline, statistics: Statistics, learner: NotedLearner
) -> None:
    near = list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart+bf_emma", 1.0))
    heart = np.load(STATISTICS)
    index = list(heart["names"]).index("af_heart")
    statistics.add("af_heart+bf_emma", VoiceMean(*(heart[part][index] for part in ("features", "standing"))))
    learner.noted.clear()
    learned = list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart+bf_emma", 1.0))
    assert learner.noted == []
    assert not np.array_equal(np.concatenate(near), np.concatenate(learned))


class Slowed:
    """A session that takes its time."""

    def __init__(self, session: Session, delay: float) -> None:
        self._session = session
        self._delay = delay

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        frames = feeds["frames"].shape[-1] if BEGIN_INPUT in feeds else 0
        time.sleep(self._delay * frames)
        return self._session.run(feeds)

    def close(self) -> None:
        self._session.close()


def test_a_slow_machine_does_not_run_dry(stages_folder: Path, statistics: Statistics, learner: NotedLearner) -> None:
    """Decoding takes longer than playing; what is held back is enough for the rest."""

    def slow(file: Path, options: SessionOptions) -> Session:
        return Slowed(open_onnx(file, ["CPUExecutionProvider"], options), delay=0.016)

    stages = ModelPipeline(stages_folder, [Provider("slow", 1, "int8", slow)], SessionOptions(2, stages_folder))
    arrivals = []
    for chunk in streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0):
        if len(chunk):
            arrivals.append((time.monotonic(), seconds(chunk)))
    stages.close()
    end = arrivals[0][0]
    assert arrivals[0][1] > 0.4  # it had to wait for that much
    assert len(arrivals) > 1  # and not for everything
    for at, length in arrivals:
        assert at <= end + 0.05
        end = max(end, at) + length


def test_numbers_that_are_none_are_an_error(stages_folder: Path, statistics: Statistics, learner: NotedLearner) -> None:
    class Broken(Slowed):
        def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
            return {name: value * np.float32("nan") for name, value in super().run(feeds).items()}

    def broken(file: Path, options: SessionOptions) -> Session:
        session = open_onnx(file, ["CPUExecutionProvider"], options)
        return Broken(session, 0) if file.name.startswith("vocoder") else session

    stages = ModelPipeline(stages_folder, [Provider("broken", 1, "int8", broken)], SessionOptions(2, stages_folder))
    with pytest.raises(SynthesisFailed, match="try another provider"):
        list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0))
    stages.close()


def test_what_is_dropped_is_not_decoded_further(
    stages: ModelPipeline, statistics: Statistics, learner: NotedLearner
) -> None:
    steps = streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0)
    assert len(next(steps)) == 0
    steps.close()
    assert next(steps, None) is None
