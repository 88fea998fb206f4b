"""`[plugins.openai]`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta


def _openai_voices() -> dict[str, str]:
    """Return the best voices of Kokoro that come near OpenAI's. The first six are OpenAI's oldest."""
    return {
        "alloy": "af_heart",
        "echo": "am_michael",
        "fable": "bm_fable",
        "onyx": "am_fenrir",
        "nova": "af_bella",
        "shimmer": "af_nicole",
        "ash": "am_puck",
        "ballad": "bm_george",
        "cedar": "am_michael",
        "coral": "af_aoede",
        "marin": "af_heart",
        "sage": "af_sarah",
        "verse": "am_puck",
    }


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.openai]`."""

    host: str = "127.0.0.1"
    """Address to listen on; empty means all interfaces."""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8880
    """0 picks a free port, which the log names."""
    api_keys: str = ""
    """The path of a file with one key in each line, which only its owner may read. Empty: no key is needed.

    The environment variable `WYOMING_KOKORO_OPENAI_API_KEYS` has keys too, separated by spaces.
    """
    allowed_hosts: tuple[str, ...] = ()
    """Host names accepted in requests, besides IP addresses and localhost."""
    cors_origins: tuple[str, ...] = ()
    """Websites whose pages may use the API, such as `http://192.168.1.7:8000`."""
    voices: dict[str, str] = field(default_factory=_openai_voices)
    """Other names of voices, of aliases and of blends."""
