"""Which model speaks: the rules of docs/scheduling.md, checked on the whole path from text to PCM."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.helpers.synthesis.utterances import finished, pcm_of
from tests.helpers.waiting import wait_until
from wyoming_kokoro.api.observations import Observation, SegmentFinished
from wyoming_kokoro.api.speech_models import Quality, SelectionReason
from wyoming_kokoro.api.warmup import Phrase
from wyoming_kokoro.config import Config, ServerConfig, SpeechConfig, VoiceAlias, VoiceConfig
from wyoming_kokoro.errors import StartupError, SynthesisFailed
from wyoming_kokoro.scheduling import playback
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.utterance import Utterance
from wyoming_kokoro.testing import FakeMachine, FakePhraseCache, FakeSpeechModel, fake_tts
from wyoming_kokoro.types import QualitySetting

FAST, SLOW, UNMEASURED = FakeMachine(0.3, 0.12), FakeMachine(2.8, 1.5), FakeMachine(0.0, None)


class House:
    """A server with both models of one voice."""

    def __init__(self) -> None:
        self.full = FakeSpeechModel("full", "full")
        self.distilled = FakeSpeechModel("small", "distilled", ["af_heart"])
        self.cache = FakePhraseCache()
        self.observations: list[Observation] = []

    @asynccontextmanager
    async def open(
        self,
        machine: FakeMachine = FAST,
        quality: QualitySetting = "auto",
        max_streams: int = 0,
        waits: bool = True,
    ) -> AsyncIterator[TextToSpeech]:
        """`waits`: the full model is open when the block begins."""
        config = Config(
            server=ServerConfig(max_streams=max_streams),
            voice=VoiceConfig(quality=quality),
            voices={"best": VoiceAlias("af_heart", quality="full")},
            speech=SpeechConfig(0, 0, 0, 0, 0),
        )
        async with fake_tts(
            self.full,
            config,
            cache=self.cache,
            observe=self.observations.append,
            distilled=[self.distilled],
            machine=machine,
        ) as tts:
            if waits and quality != "distilled":
                await wait_until(lambda: tts.models.full.is_open)
            yield tts

    @property
    def qualities(self) -> list[tuple[Quality, bool]]:
        """The model of each segment, and whether it was cached."""
        return [(item.quality, item.cached) for item in self.observations if isinstance(item, SegmentFinished)]

    @property
    def reasons(self) -> list[SelectionReason]:
        """Why the model of each segment spoke."""
        return [item.reason for item in self.observations if isinstance(item, SegmentFinished)]


@pytest.fixture(autouse=True)
def patient_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, a client must not look like one that does not read."""
    monkeypatch.setattr(playback, "BLOCKED_SECONDS", 60.0)


@pytest.fixture
def house() -> House:
    return House()


def utterance(tts: TextToSpeech, *text: str, voice: str | None = None) -> Utterance:
    return finished(tts.utterance(voice), *text)


async def speak(tts: TextToSpeech, *text: str, voice: str | None = None) -> bytes:
    return await pcm_of(tts.utterance(voice), *text)


@pytest.mark.parametrize(
    ("quality", "machine", "speaker"),
    [
        ("auto", FAST, "full"),
        ("auto", SLOW, "distilled"),
        ("auto", UNMEASURED, "distilled"),
        ("auto", FakeMachine(0.3, 0.151), "distilled"),
        ("auto", FakeMachine(0.8, 0.1), "distilled"),
        ("full", SLOW, "full"),
        ("full", UNMEASURED, "full"),
        ("distilled", FAST, "distilled"),
    ],
)
async def test_quality_and_measured_speed_decide_which_model_speaks(
    house: House, quality: QualitySetting, machine: FakeMachine, speaker: Quality
) -> None:
    async with house.open(machine, quality) as tts:
        await speak(tts, "Hello there.")
    assert house.qualities == [(speaker, False)]
    assert bool(house.full.units) == (speaker == "full")
    assert bool(house.distilled.units) == (speaker == "distilled")


async def test_voice_without_distilled_model_uses_the_full_one(house: House) -> None:
    async with house.open(SLOW) as tts:
        await speak(tts, "Hello there.", voice="bf_emma")
        await speak(tts, "Hello there.", voice="af_heart+bf_emma")
    assert [quality for quality, _ in house.qualities] == ["full", "full"]


async def test_alias_has_its_own_quality(house: House) -> None:
    async with house.open(SLOW) as tts:
        await speak(tts, "Hello there.", voice="best")
    assert house.qualities == [("full", False)]


async def test_distilled_model_speaks_when_the_full_one_is_busy(house: House) -> None:
    """Without a distilled model, the second request would wait."""
    async with house.open(FakeMachine(0.5, 0.1)) as tts, aclosing(utterance(tts, "the first one").pcm()) as first:
        await anext(first)
        await asyncio.gather(*(speak(tts, f"the text {name}") for name in "abcdefg"))
        waiting = asyncio.create_task(speak(tts, "this is another", voice="best"))
        await wait_until(lambda: tts.models.admission.waiting_count == 1)
        assert len([chunk async for chunk in first]) > 5
        assert await waiting
    assert house.qualities == [("distilled", False)] * 7 + [("full", False)] * 2


async def test_utterance_keeps_its_model_when_the_speed_changes(house: House) -> None:
    machine = FakeMachine(2.8, 1.5)
    async with house.open(machine) as tts:
        opened = tts.utterance()
        opened.feed("This is the first sentence. And ")
        async with aclosing(opened.pcm()) as chunks:
            await anext(chunks)
            machine.set_rtf(0.1)
            machine.first_seconds = 0.01
            opened.feed("this is the second one. ")
            opened.finish()
            async for _ in chunks:
                pass
    assert house.qualities == [("distilled", False)] * 2


async def test_cached_recording_of_the_full_model_is_preferred(house: House) -> None:
    async with house.open(FAST) as tts:
        full = await speak(tts, "Hello there.")
    async with house.open(SLOW, "distilled") as tts:
        await tts.models.full.fingerprint()
        assert await speak(tts, "Hello there.") == full
    assert house.qualities == [("full", False), ("full", True)]
    assert not house.distilled.units


async def test_cached_recording_of_the_distilled_model_is_played_if_there_is_no_better_one(house: House) -> None:
    async with house.open(SLOW) as tts:
        await speak(tts, "Hello there.")
    async with house.open(FAST) as tts:
        await speak(tts, "Hello there.")
        assert not await tts.is_warm(Phrase("Hello there."))
        await tts.warm(Phrase("Hello there."))
        await speak(tts, "Hello there.")
    assert house.qualities == [("distilled", False), ("distilled", True), ("full", True)]


async def test_quality_full_ignores_distilled_recordings(house: House) -> None:
    async with house.open(SLOW) as tts:
        await speak(tts, "Hello there.")
    async with house.open(SLOW, "full") as tts:
        await speak(tts, "Hello there.")
    assert house.qualities == [("distilled", False), ("full", False)]


@pytest.mark.parametrize(("quality", "speaker"), [("auto", "full"), ("full", "full"), ("distilled", "distilled")])
async def test_warmup_uses_the_full_model_unless_the_quality_is_distilled(
    house: House, quality: QualitySetting, speaker: Quality
) -> None:
    async with house.open(SLOW, quality) as tts:
        await tts.warm(Phrase("Hello there."))
        assert await tts.is_warm(Phrase("Hello there."))
        await speak(tts, "Hello there.")
    assert house.qualities == [(speaker, True)]


async def test_full_model_opens_only_for_a_voice_that_needs_it_if_the_quality_is_distilled(house: House) -> None:
    async with house.open(FAST, "distilled") as tts:
        await tts.models.ready()
        await speak(tts, "Hello there.")
        assert (house.full.open_count, house.distilled.open_count) == (0, 1)
        await speak(tts, "Hello there.", voice="bf_emma")
        await speak(tts, "And again.", voice="bf_emma")
        assert house.full.open_count == 1


async def test_reload_applies_another_quality(house: House) -> None:
    async with house.open(FAST, "distilled") as tts:
        await speak(tts, "Hello there.")
        tts.apply_config(Config(voice=VoiceConfig(quality="full")), {})
        await speak(tts, "Hello there.")
    assert [quality for quality, _ in house.qualities] == ["distilled", "full"]


@pytest.mark.parametrize("when", ["open", "synthesize"])
async def test_full_model_replaces_a_distilled_one_that_fails(
    house: House, caplog: pytest.LogCaptureFixture, when: Literal["open", "synthesize"]
) -> None:
    house.distilled.failure = StartupError("the file is damaged") if when == "open" else None
    async with house.open(SLOW) as tts:
        if when == "synthesize":
            await tts.models.distilled[0].open()
            house.distilled.failure = RuntimeError("out of ink")
        for text in ("Hello there.", "How are you?"):
            assert len(await speak(tts, text)) > 10_000
        await tts.models.ready()
    assert house.qualities == [("full", False)] * 2
    messages = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert sum(line.startswith("Speech model small failed and is not used again (") for line in messages) == 1
    assert len(messages) == (1 if when == "open" else 2), "the scheduler logs a unit that fails"


@pytest.mark.parametrize(
    ("quality", "machine", "voice", "reason"),
    [
        ("full", SLOW, None, "setting"),
        ("distilled", FAST, None, "setting"),
        ("auto", FAST, None, "fast"),
        ("auto", SLOW, None, "slow"),
        ("auto", UNMEASURED, None, "unmeasured"),
        ("auto", FAST, "bf_emma", "no-distilled-model"),
    ],
)
async def test_reason_of_the_selection_is_reported(
    house: House, quality: QualitySetting, machine: FakeMachine, voice: str | None, reason: SelectionReason
) -> None:
    async with house.open(machine, quality) as tts:
        await speak(tts, "Hello there. And hello again.", voice=voice)
        await speak(tts, "Hello there.", voice=voice)
    assert house.reasons == [reason, reason, "cached"]


async def test_distilled_model_speaks_if_the_full_one_cannot_be_opened(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.full.failure = StartupError("the file is damaged")
    async with house.open(FAST, waits=False) as tts:
        await tts.models.ready()
        assert tts.models.is_ready
        await speak(tts, "Hello there.")
        with pytest.raises(SynthesisFailed, match="the model full could not be opened: the file is damaged"):
            await speak(tts, "Hello there.", voice="bf_emma")
        await tts.warm(Phrase("How are you?"))
        assert await tts.is_warm(Phrase("How are you?"))
        full, distilled = tts.models.statuses
    assert house.reasons == ["failure"]
    assert (full.state, full.problem, distilled.state) == ("failed", "the file is damaged", "open")
    message = "Full model failed; only voices with a distilled model speak (the file is damaged)"
    assert [record.getMessage() for record in caplog.records] == [message]


@pytest.mark.parametrize("distilled_fails", [False, True])
async def test_start_fails_if_no_allowed_model_can_be_opened(house: House, distilled_fails: bool) -> None:
    house.full.failure = StartupError("the file is damaged")
    house.distilled.failure = StartupError("no file") if distilled_fails else None
    async with house.open(FAST, "auto" if distilled_fails else "full", waits=False) as tts:
        with pytest.raises(StartupError, match="the file is damaged"):
            await tts.models.ready()
        assert not tts.models.is_ready


async def test_models_that_no_request_needed_are_not_open(house: House) -> None:
    async with house.open(FAST, "distilled") as tts:
        await tts.models.ready()
        assert [status.state for status in tts.models.statuses] == ["not needed", "open"]


async def test_slow_full_model_is_measured_again(house: House) -> None:
    async with house.open(FAST) as tts:
        tts.models.wants_measurement.clear()
        await speak(tts, "Hello there.")
        assert not tts.models.wants_measurement.is_set()
    async with house.open(SLOW) as tts:
        tts.models.wants_measurement.clear()
        await speak(tts, "How are you?")
        assert tts.models.wants_measurement.is_set()


requests = some.lists(some.lists(some.integers(0, 5), min_size=1, max_size=3), min_size=1, max_size=6)
machines = some.builds(FakeMachine, some.floats(0, 3), some.none() | some.floats(0.01, 1))


@given(requests=requests, machine=machines)
async def test_each_utterance_has_one_model_and_none_is_refused(
    requests: Sequence[Sequence[int]], machine: FakeMachine
) -> None:
    """Requests come at the same time, and have some sentences in common."""
    house = House()
    spoken: dict[str, set[Quality]] = {}

    async def request(tts: TextToSpeech, number: int, sentences: Sequence[int]) -> None:
        opened = utterance(tts, " ".join(f"number {number} says {sentence}." for sentence in sentences))
        async with aclosing(opened.pcm()) as chunks:
            assert sum([len(chunk) async for chunk in chunks])

    async with house.open(copy.copy(machine)) as tts:
        await asyncio.gather(*(request(tts, number, sentences) for number, sentences in enumerate(requests)))
    for item in house.observations:
        if isinstance(item, SegmentFinished) and not item.cached:
            spoken.setdefault(item.text.split()[1], set()).add(item.quality)
    assert all(len(qualities) == 1 for qualities in spoken.values())
    if not 0 < machine.rtf <= 1 / 1.3 or machine.first_seconds is None or machine.first_seconds > 0.25:
        assert not house.full.units


@given(count=some.integers(1, 4), rtf=some.floats(0.01, 0.9))
async def test_full_model_is_preferred_as_long_as_it_keeps_real_time(count: int, rtf: float) -> None:
    """Each request holds its slot, because the client stops reading after the first chunk."""
    house = House()
    async with house.open(FakeMachine(rtf, 0.1)) as tts:
        playing = [utterance(tts, f"text number {number}").pcm() for number in range(count)]
        for stream in playing:
            await anext(stream)
        full_count = tts.models.admission.in_use
        for stream in playing:
            await stream.aclose()
    assert full_count == min(count, int(1 / (1.3 * rtf)))
