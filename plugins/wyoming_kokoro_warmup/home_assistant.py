"""Home Assistant's own answers, from the package home-assistant-intents."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from wyoming_kokoro import Phrase, Voice
from wyoming_kokoro_warmup.intent_rates import ERRORS, INTENTS, SELDOM, mistakes, rates, scenes
from wyoming_kokoro_warmup.settings import Settings
from wyoming_kokoro_warmup.shopping import usual
from wyoming_kokoro_warmup.template_contexts import Household
from wyoming_kokoro_warmup.time_responses import dates, time_worth, times

if TYPE_CHECKING:
    from wyoming_kokoro_warmup.templates import TemplateRenderer

UNUSED = 0.1
"""What a response that no sentence of the package leads to is worth: the house may have sentences of its own."""
LEAST_WORTH = 0.0002
"""What may be asked for once in a dozen years is not worth a second of work."""
CHANGING = {"HassGetCurrentTime", "HassGetCurrentDate"}
"""Intents whose answers are worth more or less as time goes by."""
PLAIN_WORD = re.compile(r"([\w ]+?)(?:\[(\w+)\])?")
"""A word with an ending that may be left out: `curtain[s]`. Others of the package's notations are not read."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """What Home Assistant says in one language."""

    language: str
    worth: Mapping[str, float]
    """By text: what may be said at any time."""
    times: Sequence[tuple[time, str]]
    """What is said at each minute of the day."""
    date: str
    """The template."""


class HomeAssistantResponses:
    """A strategy: what Home Assistant answers by itself, in the language of the default voice."""

    name = "home_assistant"

    def __init__(self, settings: Settings, clock: Callable[[], datetime], log: logging.Logger) -> None:
        """`clock` tells the local time."""
        self._household = Household(
            asdict(settings.devices), settings.areas, settings.shopping, settings.temperature_unit == "F"
        )
        self._clock = clock
        self._log = log
        self._answers: _Answers | None = None

    def phrases(self, default: Voice) -> Iterator[Phrase]:
        """Return all that is worth it, in no order; nothing for a language that the package does not have.

        The first time in a language takes about a second.
        """
        from wyoming_kokoro_warmup.templates import TemplateRenderer  # noqa: PLC0415 jinja2 is not needed before

        templates = TemplateRenderer(self._log)
        if self._answers is None or self._answers.language != default.language:
            self._answers = self._read(default.language, templates)
        for text, worth in self._now(self._answers, templates).items():
            if worth >= LEAST_WORTH:
                yield Phrase(text, worth)

    def forget(self) -> None:
        """Nothing was learned."""

    def _now(self, answers: _Answers, templates: TemplateRenderer) -> dict[str, float]:
        worth = defaultdict(float, answers.worth)
        now = self._clock()
        for moment, text in answers.times:
            worth[text] += time_worth(moment, now)
        for text, scene in templates.texts(answers.date, dates(now.date())):
            worth[text] += INTENTS["HassGetCurrentDate"] * scene.share
        return worth

    def _read(self, language: str, templates: TemplateRenderer) -> _Answers:
        data = _data(language)
        shopping = self._household.shopping or usual(language)
        household = replace(self._household, words=_words(data.get("lists", {})), shopping=shopping)
        said = data.get("responses", {}).get("intents", {})
        spoken = templates.texts(said.get("HassGetCurrentTime", {}).get("default", ""), times())
        return _Answers(
            language,
            _anytime(data, household, templates),
            [(scene.variables["slots"]["time"], text) for text, scene in spoken],
            said.get("HassGetCurrentDate", {}).get("default", ""),
        )


def _anytime(data: Mapping[str, Any], household: Household, templates: TemplateRenderer) -> dict[str, float]:
    """Return all answers that are worth the same at any time, each with how often a day it is given."""
    worth: dict[str, float] = defaultdict(float)
    responses = data.get("responses", {})
    for intent, by_key in responses.get("intents", {}).items():
        used = _used(data, intent)
        for key, rate in rates(intent, by_key).items() if intent not in CHANGING else ():
            asked = rate if key in used else rate * UNUSED
            for text, scene in templates.texts(by_key[key], scenes(household, intent, key)):
                worth[text] += asked * scene.share
    for key, source in responses.get("errors", {}).items():
        for text, scene in templates.texts(source, mistakes(household)):
            worth[text] += ERRORS.get(key, SELDOM) * scene.share
    return worth


def _data(language: str) -> Mapping[str, Any]:
    """Return the package's data of the language, else of the language without its region, else nothing."""
    from home_assistant_intents import get_intents  # noqa: PLC0415 not needed before

    return get_intents(language) or get_intents(language.partition("-")[0]) or {}


def _words(lists: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what can be said for the values of a list, as far as it is written plainly."""
    words: dict[str, list[str]] = {}
    for name, content in lists.items():
        for value in content.get("values", []):
            if match := PLAIN_WORD.fullmatch(str(value.get("in", ""))):
                singular, ending = match.groups()
                words.setdefault(name, []).extend([singular + ending, singular] if ending else [singular])
    return words


def _used(data: Mapping[str, Any], intent: str) -> set[str]:
    """Return the keys of the responses that the sentences of `intent` lead to."""
    sentences = data.get("intents", {}).get(intent, {}).get("data", [])
    return {block.get("response", "default") for block in sentences}
