"""Beyond what the machine can speak in real time: who is let in, who is sent away, and who is never sent away."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.config import Config, ServerConfig
from wyoming_kokoro.errors import Overloaded
from wyoming_kokoro.scheduling.admission import ASSUMED_RTF, POLL_INTERVAL_SECONDS, RTF_MARGIN_RATIO, AdmissionControl
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.speech.utterance import Utterance
from wyoming_kokoro.testing import FakePhraseCache, FakeSpeechModel, fake_tts


def listener() -> Playback:
    return Playback(lambda: 0.0)


@given(factor=st.floats(0.001, 100), wishes=st.integers(1, 50))
def test_those_who_are_let_in_can_be_spoken_to_in_real_time(factor: float, wishes: int) -> None:
    """Together they take no more than the time that passes; one alone is let in however slow the machine is."""
    admission = AdmissionControl(lambda: factor)
    for wish in range(wishes):
        somebody = listener()
        if admission.can_admit(somebody, wish):
            admission.admit(somebody, wish)
    assert admission.in_use >= 1
    assert admission.in_use == 1 or admission.in_use * factor * RTF_MARGIN_RATIO <= 1
    assert admission.in_use == wishes or (admission.in_use + 1) * factor * RTF_MARGIN_RATIO > 1


def test_before_anything_was_measured() -> None:
    """The machine is taken for one that can speak to two."""
    assert AdmissionControl(lambda: 0.0).capacity == int(1 / (ASSUMED_RTF * RTF_MARGIN_RATIO)) == 2


@pytest.mark.parametrize(("factor", "goes_with_the_first"), [(0.3, True), (0.6, False)])
async def test_who_is_let_in_before_anything_was_measured_waits(factor: float, goes_with_the_first: bool) -> None:
    """The first one is spoken to at once; the second when the machine proves quick, or the first one has gone."""
    measured = [0.0]
    admission = AdmissionControl(lambda: measured[-1])
    first, second = listener(), listener()
    for number, somebody in enumerate((first, second)):
        assert admission.can_admit(somebody, number)
        admission.admit(somebody, number)
    await asyncio.wait_for(admission.wait_for_slot(first), 1)
    waiting = asyncio.create_task(admission.wait_for_slot(second))
    await asyncio.sleep(3 * POLL_INTERVAL_SECONDS)
    assert not waiting.done()
    measured.append(factor)
    await asyncio.sleep(3 * POLL_INTERVAL_SECONDS)
    assert waiting.done() == goes_with_the_first
    admission.release(first)
    await asyncio.wait_for(waiting, 1)


async def test_who_hears_already_waits_for_nobodys_turn() -> None:
    """Nor does who entered nothing, or hears what somebody before him does."""
    admission = AdmissionControl(lambda: 1.0)
    others = [listener() for _ in range(3)]
    for number, somebody in enumerate(others):
        admission.admit(somebody, number)
    others[2].add_audio(1.0)
    echo = listener()
    admission.admit(echo, 0)
    for somebody in (others[0], others[2], echo, listener()):
        await asyncio.wait_for(admission.wait_for_slot(somebody), 1)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(admission.wait_for_slot(others[1]), 3 * POLL_INTERVAL_SECONDS)


def test_the_owner_may_say_how_many() -> None:
    assert AdmissionControl(lambda: 10.0, max_streams=3).capacity == 3


@given(st.lists(st.sampled_from(["enter", "leave", "go on"]), max_size=40))
def test_a_place_is_given_back_once(steps: list[str]) -> None:
    """Whoever leaves, also twice, or without having been let in, takes nothing with him."""
    admission = AdmissionControl(lambda: 0.1)
    guests: list[Playback] = []
    for number, step in enumerate(steps):
        if step == "enter":
            guests.append(listener())
            admission.admit(guests[-1], number)
        elif guests and step == "leave":
            admission.release(gone := guests.pop())
            admission.release(gone)
        elif guests:
            assert admission.can_admit(guests[0], number)
            admission.admit(guests[0], number)
        admission.release(listener())
        assert admission.in_use == len(guests)


@asynccontextmanager
async def narrating(most: int = 1) -> AsyncIterator[TextToSpeech]:
    config = Config(server=ServerConfig(max_streams=most))
    async with fake_tts(FakeSpeechModel(), config, cache=FakePhraseCache()) as narrator:
        yield narrator


def saying(narrator: TextToSpeech, text: str) -> Utterance:
    utterance = narrator.utterance()
    utterance.feed(text)
    utterance.finish()
    return utterance


async def heard(utterance: Utterance) -> int:
    """Return how many chunks there were."""
    async with aclosing(utterance.pcm()) as chunks:
        return len([chunk async for chunk in chunks])


async def test_the_next_is_told_and_the_first_hears_everything() -> None:
    async with narrating() as narrator, aclosing(saying(narrator, "one is under way").pcm()) as first:
        await anext(first)
        with pytest.raises(Overloaded, match=r"at capacity: 1 stream is the limit set by max_streams; try again shortly"):
            await heard(saying(narrator, "another"))
        assert len([chunk async for chunk in first]) > 10
        assert await heard(saying(narrator, "another"))


async def test_a_client_that_goes_gives_its_place_back() -> None:
    async with narrating() as narrator:
        first = saying(narrator, "one is under way").pcm()
        await anext(first)
        await first.aclose()
        assert await heard(saying(narrator, "another"))


async def test_what_is_kept_is_always_spoken() -> None:
    async with narrating() as narrator:
        await heard(saying(narrator, "it is kept"))
        async with aclosing(saying(narrator, "one is under way").pcm()) as first:
            await anext(first)
            assert await heard(saying(narrator, "it is kept"))


async def test_what_is_kept_takes_nobodys_place() -> None:
    async with narrating() as narrator:
        await heard(saying(narrator, "it is kept"))
        async with aclosing(saying(narrator, "it is kept").pcm()) as kept:
            await anext(kept)
            assert await heard(saying(narrator, "another"))


async def test_an_announcement_to_many_is_one() -> None:
    """What several want to hear at once is made once, and takes one place."""
    async with narrating() as narrator:
        assert set(await asyncio.gather(*(heard(saying(narrator, "dinner is ready")) for _ in range(5)))) != {0}


async def test_who_hears_already_is_never_sent_away() -> None:
    """A stream that began with what is kept goes on although there is no room."""
    async with narrating() as narrator:
        await heard(saying(narrator, "It is kept."))
        async with aclosing(saying(narrator, "one is under way").pcm()) as first:
            await anext(first)
            stream = narrator.utterance()
            stream.feed("It is kept. ")
            async with aclosing(stream.pcm()) as chunks:
                await anext(chunks)
                stream.feed("This is new.")
                stream.finish()
                assert len([chunk async for chunk in chunks]) > 5


async def test_all_at_once() -> None:
    """Of eight as many are let in as there is room for; the others are told, and nobody waits for nothing."""
    async with narrating(3) as narrator:
        texts = (f"text number {number}" for number in itertools.count())
        outcomes = await asyncio.gather(
            *(heard(saying(narrator, text)) for text, _ in zip(texts, range(8), strict=False)), return_exceptions=True
        )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Overloaded)]
    assert len(refused) == 5
    assert all(isinstance(outcome, int) for outcome in outcomes if outcome not in refused)
