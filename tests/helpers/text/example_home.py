"""Renders the answers of Home Assistant in a home with twenty-five named devices."""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from datetime import datetime, timezone

from tools.measure.household_texts import RequestGenerator, response_templates
from wyoming_kokoro import Voice
from wyoming_kokoro_warmup.home_assistant import HomeAssistantResponses
from wyoming_kokoro_warmup.settings import Devices, Settings

DEVICES = Devices(
    light=("Kitchen light", "Desk Lamp", "TV LED strip"),
    switch=("Coffee machine", "A/C unit"),
    fan=("Attic fan",),
    cover=("Blinds", "Garage door"),
    lock=("Front door", "Back door"),
    valve=("Garden valve",),
    door=("Patio door",),
    window=("Bathroom window",),
    motion=("Hallway motion",),
    climate=("Thermostat 2",),
    media_player=("TV",),
    vacuum=("Rosie",),
    scene=("Movie night",),
    script=("Good morning",),
    temperature=("Living room temperature", "CO₂ sensor temperature"),
    humidity=("Cellar humidity",),
    battery=("iPhone battery",),
    person=("Anna", "Ben"),
)
AREAS = ("Kitchen", "Study")
VOICE = Voice("af_heart", "en-US", "A, Heart", "A")
NOW = datetime(2026, 1, 3, 18, 31, tzinfo=timezone.utc)
QUESTIONS_PER_KIND = 300
"""Enough draws for the answers that depend on the words of the question."""


def render_answers() -> list[str]:
    """Return each English answer once: those that warmup predicts, and those to random questions of a day."""
    household = RequestGenerator(random.Random(25), response_templates())
    drawn = [draw().text for draw in (household.answer, household.time) for _ in range(QUESTIONS_PER_KIND)]
    return list(dict.fromkeys([*predict_answers(VOICE.language), *drawn]))


def predict_answers(language: str) -> list[str]:
    """Return each answer that warmup predicts in `language` once."""
    strategy = HomeAssistantResponses(Settings(devices=DEVICES, areas=AREAS), lambda: NOW, logging.getLogger(__name__))
    return [phrase.text for phrase in strategy.phrases(replace(VOICE, language=language))]
