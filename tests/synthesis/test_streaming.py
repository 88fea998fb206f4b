from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

import wyoming_kokoro
from tests.helpers.fake_clock import FakeClock
from tests.helpers.synthesis.cpu_sessions import WrappedSession, change_outputs, open_on_cpu
from wyoming_kokoro import Array, Provider, Session, SessionOptions, SynthesisFailed
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.model.manifest import BEGIN_INPUT
from wyoming_kokoro.model.statistics import Statistics, VoiceMean
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.pcm import seconds
from wyoming_kokoro.scheduling.costs import UnitCosts
from wyoming_kokoro.synthesis.statistics_learner import StatisticsLearner
from wyoming_kokoro.synthesis.streaming import StreamingModel
from wyoming_kokoro.trials.results import TrialResults
from wyoming_kokoro.trials.runner import TrialRunner
from wyoming_kokoro.types import Pcm

pytestmark = pytest.mark.model

PHRASE = "ðə fɹˈʌnt dˈoːɹ ɪz ʌnlˈɑːkt."
STATISTICS = Path(wyoming_kokoro.__file__).parent / "data" / "statistics.npz"
LANGUAGES = {"af_heart": "en-US", "af_new": "en-US"}


class RecordingLearner(StatisticsLearner):
    """Records requested voices and learns none."""

    def __init__(self, folder: Path, styles: Styles, statistics: Statistics) -> None:
        super().__init__(folder, styles, LANGUAGES, statistics)
        self.requested: list[str] = []

    def request(self, *voices: str) -> None:
        self.requested.extend(voices)


@pytest.fixture
def statistics() -> Statistics:
    return builtin_statistics(builtin_styles())


@pytest.fixture
def learner(tmp_path: Path, statistics: Statistics) -> Iterator[RecordingLearner]:
    learner = RecordingLearner(tmp_path, builtin_styles(), statistics)
    yield learner
    learner.close()


def streaming(
    stages: ModelPipeline,
    statistics: Statistics,
    learner: StatisticsLearner,
    clock: Callable[[], float] = lambda: 0.0,
) -> StreamingModel:
    memory_state = MemoryState()
    trials = TrialRunner(stages, [], TrialResults(Path(os.devnull)), 2, memory_state)
    # The default clock stands still, so that the windows do not depend on the load of the machine.
    pacer = PlaybackPacer(lambda: 1, lambda: None, memory_state, UnitCosts(clock=clock), clock)
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


@pytest.fixture(scope="module")
def heart_chunks(stages: ModelPipeline, tmp_path_factory: pytest.TempPathFactory) -> list[Pcm]:
    """Return all chunks of `PHRASE`, also the empty ones."""
    statistics = builtin_statistics(builtin_styles())
    learner = RecordingLearner(tmp_path_factory.mktemp("learner"), builtin_styles(), statistics)
    chunks = list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0))
    learner.close()
    assert learner.requested == []
    return chunks


@pytest.fixture
def heart(heart_chunks: list[Pcm]) -> Pcm:
    return np.concatenate(heart_chunks)


def level(pcm: Array) -> float:
    return float(np.sqrt((pcm.astype(np.float64) ** 2).mean()))


def test_known_voice_is_synthesized_in_windows(heart_chunks: list[Pcm], heart: Pcm) -> None:
    assert [len(chunk) for chunk in heart_chunks[:2]] == [0, 0]  # Prosody and the decoder yield no audio.
    assert sum(1 for chunk in heart_chunks if len(chunk)) >= 5
    assert 1.1 < seconds(heart) < 1.9
    assert level(heart) > 500


def test_silence_is_trimmed_and_speech_is_not(heart: Pcm) -> None:
    loud = np.flatnonzero(np.abs(heart.astype(int)) > 330)  # one percent of full scale
    assert loud[0] / 24_000 < 0.06
    assert loud[-1] / len(heart) < 0.995


def test_int8_sound_is_close_to_float(
    stages_folder: Path, statistics: Statistics, learner: RecordingLearner, heart: Pcm
) -> None:
    int8 = Provider("cpu", 1, "int8", open_on_cpu)
    quantized = ModelPipeline(stages_folder, [int8], SessionOptions(2, stages_folder))
    exact, close = (
        heart.astype(float),
        np.concatenate(list(streaming(quantized, statistics, learner).synthesize(PHRASE, "af_heart", 1.0))).astype(
            float
        ),
    )
    quantized.close()
    length = min(len(exact), len(close))
    assert abs(len(exact) - len(close)) < 1200
    spectra = [
        np.abs(np.fft.rfft(one[:length].reshape(-1)[: length // 512 * 512].reshape(-1, 512))) for one in (exact, close)
    ]
    assert np.corrcoef(spectra[0].ravel(), spectra[1].ravel())[0, 1] > 0.95
    assert not np.array_equal(exact, close)


def test_speed_changes_the_duration(stages: ModelPipeline, statistics: Statistics, learner: RecordingLearner) -> None:
    model = streaming(stages, statistics, learner)
    slow, fast = (seconds(np.concatenate(list(model.synthesize(PHRASE, "af_heart", speed)))) for speed in (0.7, 1.6))
    assert slow > 1.6 * fast


def test_shortest_and_longest_segments_are_synthesized(
    stages: ModelPipeline, statistics: Statistics, learner: RecordingLearner
) -> None:
    model = streaming(stages, statistics, learner)
    assert seconds(np.concatenate(list(model.synthesize("aɪ", "af_heart", 2.0)))) > 0.1
    longest = model.synthesize(("pə" * 255)[:510], "af_heart", 2.0)
    assert any(len(chunk) for chunk in longest)
    longest.close()


def test_voice_without_statistics_is_decoded_whole_and_requested(
    stages: ModelPipeline, statistics: Statistics, learner: RecordingLearner, heart: Pcm
) -> None:
    statistics.remove("af_heart")
    chunks = [
        chunk for chunk in streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0) if len(chunk)
    ]
    assert len(chunks) == 1
    assert learner.requested == ["af_heart"]
    assert abs(seconds(chunks[0]) - seconds(heart)) < 0.25


def test_blend_of_known_voices_streams_and_is_requested(
    stages: ModelPipeline, statistics: Statistics, learner: RecordingLearner, heart: Pcm
) -> None:
    blend = list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart+bf_emma", 1.0))
    assert len(blend) >= 7  # Prosody, the decoder, and one unit for each window.
    assert learner.requested == ["af_heart+bf_emma"]
    assert 0.5 < level(np.concatenate(blend)) / level(heart) < 2
    assert not np.array_equal(np.concatenate(blend), heart)


def test_blend_with_an_unknown_voice_is_decoded_whole(
    stages: ModelPipeline, statistics: Statistics, learner: RecordingLearner
) -> None:
    statistics.remove("bf_emma")
    chunks = [
        len(chunk) for chunk in streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart+bf_emma", 1.0)
    ]
    assert len([length for length in chunks if length]) == 1
    assert learner.requested == ["af_heart+bf_emma", "bf_emma"]


def test_learned_blend_is_not_requested(
    stages: ModelPipeline, statistics: Statistics, learner: RecordingLearner
) -> None:
    near = list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart+bf_emma", 1.0))
    heart = np.load(STATISTICS)
    index = list(heart["names"]).index("af_heart")
    statistics.add("af_heart+bf_emma", VoiceMean(*(heart[part][index] for part in ("features", "standing"))))
    learner.requested.clear()
    learned = list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart+bf_emma", 1.0))
    assert learner.requested == []
    assert not np.array_equal(np.concatenate(near), np.concatenate(learned))


class SlowSession(WrappedSession):
    """A session whose vocoder takes 20 ms of a fake clock for each frame of 12.5 ms."""

    def __init__(self, session: Session, clock: FakeClock) -> None:
        super().__init__(session)
        self._clock = clock

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        if BEGIN_INPUT in feeds:
            self._clock.now += 0.02 * feeds["frames"].shape[-1]
        return super().run(feeds)


def test_playback_does_not_run_out_on_a_slow_machine(
    stages_folder: Path, statistics: Statistics, learner: RecordingLearner
) -> None:
    clock = FakeClock()

    def slow(file: Path, options: SessionOptions) -> Session:
        return SlowSession(open_on_cpu(file, options), clock)

    stages = ModelPipeline(stages_folder, [Provider("slow", 1, "int8", slow)], SessionOptions(2, stages_folder))
    arrivals = []
    for chunk in streaming(stages, statistics, learner, clock).synthesize(PHRASE, "af_heart", 1.0):
        if len(chunk):
            arrivals.append((clock.now, seconds(chunk)))
    stages.close()
    end = arrivals[0][0]
    assert arrivals[0][1] > 0.4  # The first chunk had to wait for this much.
    assert len(arrivals) > 1  # It did not wait for everything.
    for at, length in arrivals:
        assert at <= end
        end = max(end, at) + length


def test_output_that_is_not_finite_is_an_error(
    stages_folder: Path, statistics: Statistics, learner: RecordingLearner
) -> None:
    return_nan = change_outputs(lambda outputs: {name: value * np.float32("nan") for name, value in outputs.items()})

    def broken(file: Path, options: SessionOptions) -> Session:
        return (return_nan if file.name.startswith("vocoder") else open_on_cpu)(file, options)

    stages = ModelPipeline(stages_folder, [Provider("broken", 1, "int8", broken)], SessionOptions(2, stages_folder))
    with pytest.raises(SynthesisFailed, match="try another provider"):
        list(streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0))
    stages.close()


def test_closed_synthesis_runs_no_more_units(
    stages: ModelPipeline, statistics: Statistics, learner: RecordingLearner
) -> None:
    units = streaming(stages, statistics, learner).synthesize(PHRASE, "af_heart", 1.0)
    assert len(next(units)) == 0
    units.close()
    assert next(units, None) is None
