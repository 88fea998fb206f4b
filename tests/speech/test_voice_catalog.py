"""Who can be asked for, who answers, and what is told about those who cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro import ConfigError, StartupError, UnknownVoice, UnsupportedLanguage
from wyoming_kokoro.config import Config, VoiceAlias
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.loudness import Loudness
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog

VOICES = published_voices(builtin_styles().names)
LANGUAGES = {"en-US", "en-GB", "es", "fr-FR", "pt-BR", "zh-CN"}


def cast(default: str = "af_heart", speed: float = 1.0, /, **own: VoiceAlias) -> VoiceCatalog:
    config = Config(voices=own, where="here.toml")
    return VoiceCatalog(VOICES, LANGUAGES, replace(config, voice=replace(config.voice, name=default, speed=speed)))


def refusal(name: str = "kitchen", **wanted: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        cast("af_heart", 1.5, **{name: VoiceAlias(**{"base": "af_heart", **wanted})})
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


def test_own_voices_are_advertised_in_the_language_of_their_base() -> None:
    company = cast(
        kitchen=VoiceAlias("af_heart", speed=1.1),
        living_room=VoiceAlias("bf_emma*2+am_puck", volume=0.5),
        pierre=VoiceAlias("ff_siwis", language="en-US", description="Pierre"),
    )
    voices = {voice.name: voice for voice in company.voices}
    kitchen, living_room, pierre = (voices[name] for name in ("kitchen", "living_room", "pierre"))
    assert kitchen.description == "Yours: Kitchen (Heart, 1.1 times as fast)"
    assert (kitchen.language, kitchen.sound, kitchen.speed, kitchen.gain) == ("en-US", "af_heart", 1.1, 1.0)
    assert living_room.description == "Yours: Living room (2 Emma + Puck)"
    assert (living_room.language, living_room.sound, living_room.gain) == ("en-GB", "am_puck+bf_emma*2", 0.5)
    assert (pierre.language, pierre.description) == ("en-US", "Pierre")


@given(
    st.from_regex(r"\w[\w-]{0,49}", fullmatch=True),
    st.sampled_from([voice.name for voice in VOICES if voice.language in LANGUAGES]),
)
def test_an_own_voice_is_not_the_first_of_its_language(name: str, base: str) -> None:
    """Home Assistant chooses the first by description; and whoever asks for a language gets the model's best voice."""
    company = cast(**{name: VoiceAlias(base)})
    own = company.resolve(name)
    first = next(voice for voice in company.voices if voice.language == own.language)
    assert first.name != name
    assert company.resolve(language=own.language).name != name


def test_a_description_may_be_the_first() -> None:
    """Whoever writes it decides."""
    company = cast(kitchen=VoiceAlias("af_nova", description="A is for kitchen"))
    assert next(voice.name for voice in company.voices if voice.language == "en-US") == "kitchen"
    assert company.resolve(language="en-US").name == "af_heart"


@pytest.mark.parametrize("default", ["kitchen", "af_bella", "af_bella+af_heart"])
def test_the_default_may_be_any_voice_or_blend(default: str) -> None:
    company = cast(default, kitchen=VoiceAlias("af_heart"))
    assert company.default_voice.name == default
    assert company.resolve().name == default
    assert company.resolve(language="en").name == default
    assert company.resolve(language="fr").name == "ff_siwis"


def test_a_default_that_is_none_stops_the_start() -> None:
    with pytest.raises(StartupError, match="default voice: unknown voice 'kitchn'; similar: kitchen"):
        cast("kitchn", kitchen=VoiceAlias("af_heart"))


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "af_heart"),
        ("en_US", "af_heart"),
        ("EN-us", "af_heart"),
        ("en-GB", "bf_emma"),
        ("en_AU", "af_heart"),
        ("zh", "zf_xiaobei"),
        ("zh-Hans", "zf_xiaobei"),
        ("pt", "pm_alex"),
        ("pt_PT", "pm_alex"),
        ("es-MX", "em_alex"),
    ],
)
def test_the_best_voice_of_a_language(language: str, name: str) -> None:
    assert cast().resolve(language=language).name == name


def test_a_speaker_counts_more_than_a_name_and_a_name_more_than_a_language() -> None:
    """A voice speaks its own language, whatever the client believes."""
    company = cast(kitchen=VoiceAlias("bf_emma"))
    assert company.resolve("ff_siwis", "en-US").name == "ff_siwis"
    assert company.resolve("ff_siwis", "de").language == "fr-FR"
    assert company.resolve("af_heart", None, "kitchen").name == "kitchen"
    assert company.resolve(None, "fr", "af_nova").name == "af_nova"
    assert company.resolve(speaker="af_heart+af_bella").sound == "af_bella+af_heart"
    assert company.resolve("", "", "").name == "af_heart"
    with pytest.raises(UnknownVoice, match="'kitchn'; similar: kitchen"):
        company.resolve("af_heart", None, "kitchn")
    with pytest.raises(UnsupportedLanguage, match="no voice for language 'fi'"):
        company.resolve(language="fi")


def test_a_blend_speaks_the_language_of_its_first_voice() -> None:
    one, other = (cast().get(name) for name in ("bf_emma + af_heart*2", "af_heart*4+bf_emma*2"))
    assert (one.language, other.language) == ("en-GB", "en-US")
    assert one.sound == other.sound == "af_heart*2+bf_emma"
    assert cast().get(one.name) == one
    assert cast().get("af_heart*3") == cast().get("af_heart")


def test_a_voice_that_nobody_phonemizes_may_take_part_but_not_speak() -> None:
    with pytest.raises(UnsupportedLanguage, match="voice jf_alpha needs a phonemizer for ja"):
        cast().get("jf_alpha")
    with pytest.raises(UnsupportedLanguage, match="needs a phonemizer for ja"):
        cast().get("jf_alpha+af_heart")
    assert cast().get("af_heart+jf_alpha").language == "en-US"
    assert cast(yuki=VoiceAlias("jf_alpha", language="en-GB")).get("yuki").sound == "jf_alpha"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("af_hart", "unknown voice 'af_hart'; similar: af_heart"),
        ("Bella Donna", "unknown voice 'Bella Donna'; similar:"),
        ("af_heart+af_bela", "unknown voice 'af_bela'; similar: .*af_bella"),
        ("af_heart+kitchen", "unknown voice 'kitchen'"),
        ("af_heart++af_bella", "'' is not a valid part of a blend"),
        ("x" * 5000, "unknown voice 'x{80}'"),
    ],
)
def test_what_is_no_voice_is_told(name: str, reason: str) -> None:
    with pytest.raises(UnknownVoice, match=reason) as caught:
        cast(kitchen=VoiceAlias("af_heart")).get(name)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"base": "af_hart"}, "voices.kitchen.base: unknown voice 'af_hart'; similar: af_heart"),
        ({"base": "kitchen"}, "voices.kitchen.base: unknown voice 'kitchen'"),
        ({"base": ""}, "voices.kitchen.base: unknown voice ''"),
        ({"base": "af_heart*0+af_nova"}, "voices.kitchen.base: 'af_heart*0' is not a valid part of a blend; write"),
        ({"base": "af_heart*.5+af_nova"}, "voices.kitchen.base: 'af_heart*.5' is not a valid part of a blend; write"),
        ({"base": "jf_alpha"}, "voices.kitchen.language: no phonemizer for 'ja'; supported: en-GB, en-US, es"),
        ({"language": "fi"}, "voices.kitchen.language: no phonemizer for 'fi'; supported: en-GB, en-US, es"),
        ({"speed": 1.5}, "voices.kitchen.speed: times [voice] speed is 2.25; must be from 0.5 to 2.0"),
        ({"name": "af_nova"}, "voices: 'af_nova' is a voice of the model; choose another name"),
        ({"name": "a+b"}, "voices: invalid voice name 'a+b'; use"),
        ({"name": "in the\nkitchen"}, "voices: invalid voice name 'in the\\nkitchen'; use"),
        ({"name": ""}, "voices: invalid voice name ''; use"),
        ({"name": "k" * 51}, "invalid voice name"),
    ],
)
def test_an_own_voice_that_cannot_be_stops_the_start(wanted: dict[str, Any], message: str) -> None:
    assert message in refusal(**wanted)


def test_only_blends_of_the_configuration_are_worth_learning() -> None:
    company = cast("af_nova+af_heart", both=VoiceAlias("bf_emma*2+am_puck"), kitchen=VoiceAlias("af_heart"))
    company.resolve("af_sky+af_bella")
    assert company.blends == {"af_heart+af_nova": "en-US", "am_puck+bf_emma*2": "en-GB"}


def test_gains_are_those_of_the_sound() -> None:
    """A blend's lies between its voices'; an own voice's is that of its base and its volume."""
    config = Config(voices={"kitchen": VoiceAlias("af_heart", volume=2.0), "both": VoiceAlias("af_heart+af_bella")})
    company = VoiceCatalog(VOICES, LANGUAGES, config, Loudness({"af_heart": -20.0, "af_bella": -30.0}))
    heart, bella, both = (company.get(name).gain for name in ("af_heart", "af_bella", "both"))
    assert bella / heart == pytest.approx(10**0.5)
    assert both == pytest.approx((heart * bella) ** 0.5)
    assert company.get("af_bella+af_heart").gain == pytest.approx(both)
    assert company.get("kitchen").gain == pytest.approx(2 * heart)
    assert company.get("af_nova").gain == company.get("af_nova+af_heart").gain == 1.0
