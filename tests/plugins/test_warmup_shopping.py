"""What is put on a shopping list is said again and again, too."""

from __future__ import annotations

import logging
from datetime import datetime, timezone

from wyoming_kokoro.testing import FAKE_VOICES
from wyoming_kokoro.types import Voice
from wyoming_kokoro_warmup.home_assistant import HomeAssistant
from wyoming_kokoro_warmup.settings import Settings

NOON = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
FRENCH = Voice("ff_siwis", "fr-FR", "B-, Siwis (French, female)", "B-")


def texts(settings: Settings, voice: Voice = FAKE_VOICES[0]) -> list[str]:
    strategy = HomeAssistant(settings, lambda: NOON, logging.getLogger("test"))
    return [phrase.text for phrase in sorted(strategy.phrases(voice), key=lambda phrase: -phrase.requests_per_day)]


def test_what_most_people_buy_is_there_in_its_order() -> None:
    said = texts(Settings())
    assert said.index("Added milk") < said.index("Added coffee") < said.index("Added mushrooms")


def test_the_house_s_own_list_stands_in_its_place() -> None:
    said = texts(Settings(shopping=("oat milk", "tofu")))
    assert said.index("Added oat milk") < said.index("Added tofu")
    assert "Added milk" not in said


def test_nothing_is_guessed_in_another_language() -> None:
    assert not [text for text in texts(Settings(), FRENCH) if "milk" in text]
    assert "tofu ajouté" in texts(Settings(shopping=("tofu",)), FRENCH)
