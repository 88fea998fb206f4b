"""The built-in responses of Home Assistant, from the package home-assistant-intents."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, time
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from wyoming_kokoro import Phrase, Voice
from wyoming_kokoro_warmup.command_responses import SHOPPING_ITEMS
from wyoming_kokoro_warmup.intent_rates import (
    DEFAULT_REQUESTS_PER_DAY,
    ERROR_REQUESTS_PER_DAY,
    INTENT_REQUESTS_PER_DAY,
    error_contexts,
    response_contexts,
    response_rates,
)
from wyoming_kokoro_warmup.settings import Settings
from wyoming_kokoro_warmup.template_contexts import Household
from wyoming_kokoro_warmup.time_responses import date_contexts, time_contexts, time_requests_per_day

if TYPE_CHECKING:
    from wyoming_kokoro_warmup.templates import TemplateRenderer

# For responses that no sentence of the package triggers: custom sentences may use them.
UNUSED_RESPONSE_FACTOR = 0.1
# Once in 14 years.
MIN_REQUESTS_PER_DAY = 0.0002
# The rates of these responses depend on the current time.
TIME_INTENTS = {"HassGetCurrentTime", "HassGetCurrentDate"}
# A word with an optional ending, such as `curtain[s]`. Values in other notations are skipped.
WORD_PATTERN = re.compile(r"([\w ]+?)(?:\[(\w+)\])?")


class HomeAssistantResponses:
    """Warmup strategy: the built-in responses of Home Assistant, in the language of the default voice."""

    name = "home_assistant"

    def __init__(self, settings: Settings, clock: Callable[[], datetime], log: logging.Logger) -> None:
        """`clock` returns the local time."""
        self._household = Household(asdict(settings.devices), settings.areas, settings.temperature_unit == "F")
        self._clock = clock
        self._log = log
        self._read_latest_language = lru_cache(maxsize=1)(self._read)

    def phrases(self, default: Voice) -> Sequence[Phrase]:
        """Return the phrases without order; none for a language that the package does not support.

        The first call for a language takes about a second.
        """
        time_independent_rates, times, date_template = self._read_latest_language(default.language)
        rates = defaultdict(float, time_independent_rates)
        now = self._clock()
        for moment, text in times:
            rates[text] += time_requests_per_day(moment, now)
        for text, context in self._renderer.render(date_template, date_contexts(now.date())):
            rates[text] += INTENT_REQUESTS_PER_DAY["HassGetCurrentDate"] * context.share
        return [Phrase(text, rate) for text, rate in rates.items() if rate >= MIN_REQUESTS_PER_DAY]

    def forget(self) -> None:
        """Do nothing: this strategy does not learn."""

    @cached_property
    def _renderer(self) -> TemplateRenderer:
        from wyoming_kokoro_warmup.templates import TemplateRenderer  # noqa: PLC0415 imports jinja2

        return TemplateRenderer(self._log)

    def _read(self, language: str) -> tuple[dict[str, float], Sequence[tuple[time, str]], str]:
        """Return the rates of texts that do not depend on the time, all times with texts, and the date template."""
        from home_assistant_intents import get_intents  # noqa: PLC0415 not needed at startup

        data = get_intents(language) or get_intents(language.partition("-")[0]) or {}
        words = _read_words(data.get("lists", {}))
        if language.partition("-")[0] == "en":
            words["shopping_items"] = list(SHOPPING_ITEMS)
        household = replace(self._household, words=words)
        intents = data.get("responses", {}).get("intents", {})
        times = self._renderer.render(intents.get("HassGetCurrentTime", {}).get("default", ""), time_contexts())
        return (
            _time_independent_rates(data, household, self._renderer),
            [(context.variables["slots"]["time"], text) for text, context in times],
            intents.get("HassGetCurrentDate", {}).get("default", ""),
        )


def _time_independent_rates(
    data: Mapping[str, Any], household: Household, renderer: TemplateRenderer
) -> dict[str, float]:
    rates: dict[str, float] = defaultdict(float)
    responses = data.get("responses", {})
    for intent, templates in responses.get("intents", {}).items():
        # The keys of the responses that the sentences of the intent trigger.
        sentences = data.get("intents", {}).get(intent, {}).get("data", [])
        used = {block.get("response", "default") for block in sentences}
        for key, rate in response_rates(intent, templates).items() if intent not in TIME_INTENTS else ():
            response_rate = rate if key in used else rate * UNUSED_RESPONSE_FACTOR
            for text, context in renderer.render(templates[key], response_contexts(household, intent, key)):
                rates[text] += response_rate * context.share
    for key, template in responses.get("errors", {}).items():
        for text, context in renderer.render(template, error_contexts(household)):
            rates[text] += ERROR_REQUESTS_PER_DAY.get(key, DEFAULT_REQUESTS_PER_DAY) * context.share
    return rates


def _read_words(lists: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the words of each list."""
    words: dict[str, list[str]] = {}
    for name, content in lists.items():
        for value in content.get("values", []):
            if match := WORD_PATTERN.fullmatch(str(value.get("in", ""))):
                singular, ending = match.groups()
                words.setdefault(name, []).extend([singular + ending, singular] if ending else [singular])
    return words
