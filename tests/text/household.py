"""A house with twenty-five named devices, and everything that Home Assistant answers in it by itself."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timezone

from tools.measure.household_texts import Household
from wyoming_kokoro import Voice
from wyoming_kokoro_warmup.home_assistant import HomeAssistant
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
ASKED = 300
"""So many questions are asked besides, for the answers that depend on what was said."""


def answers() -> list[str]:
    """Return each answer once: what is made in advance for the house, and what it answers to a day's questions."""
    strategy = HomeAssistant(Settings(devices=DEVICES, areas=AREAS), lambda: NOW, logging.getLogger(__name__))
    household = Household(random.Random(25))
    asked = [ask().text for ask in (household.answer, household.time) for _ in range(ASKED)]
    return list(dict.fromkeys([*(phrase.text for phrase in strategy.phrases(VOICE)), *asked]))
