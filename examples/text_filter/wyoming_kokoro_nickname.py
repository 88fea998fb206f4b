"""Say a word differently: an example of a text filter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wyoming_kokoro import PluginContext, TextFilter, hookimpl


@dataclass(frozen=True)
class Settings:
    """`[plugins.nickname]`."""

    written: str = "NAS"
    spoken: str = "nass"


class NicknamePlugin:
    """Replaces one word in every text."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)

    @hookimpl
    def kokoro_text_filters(self) -> Iterator[TextFilter]:
        """Return the filter. Order 15 runs it after the markup filter and before all others."""
        yield TextFilter("nickname", order=15, apply=self._replace)

    def _replace(self, text: str) -> str:
        return text.replace(self._settings.written, self._settings.spoken)
