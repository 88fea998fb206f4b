from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro import ConfigError, StartupError, UnknownVoice, UnsupportedLanguage
from wyoming_kokoro.config import Config, VoiceAlias
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog

VOICES = published_voices(builtin_styles().names)
LANGUAGES = {"en-US", "en-GB", "es", "fr-FR", "pt-BR", "zh-CN"}


def catalog_with(default: str = "af_heart", speed: float = 1.0, /, **aliases: VoiceAlias) -> VoiceCatalog:
    config = Config(voices=aliases, source="here.toml")
    return VoiceCatalog(VOICES, LANGUAGES, replace(config, voice=replace(config.voice, name=default, speed=speed)))


def config_error(name: str = "kitchen", **alias: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        catalog_with("af_heart", 1.5, **{name: VoiceAlias(**{"base": "af_heart", **alias})})
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


def test_configured_voices_are_advertised_in_the_language_of_their_base() -> None:
    catalog = catalog_with(
        kitchen=VoiceAlias("af_heart", speed=1.1),
        living_room=VoiceAlias("bf_emma*2+am_puck", volume=0.5),
        pierre=VoiceAlias("ff_siwis", language="en-US", description="Pierre"),
    )
    voices = {voice.name: voice for voice in catalog.voices}
    kitchen, living_room, pierre = (voices[name] for name in ("kitchen", "living_room", "pierre"))
    assert kitchen.description == "Yours: Kitchen (Heart, 1.1 times as fast)"
    assert (kitchen.language, kitchen.style_name, kitchen.speed, kitchen.gain) == ("en-US", "af_heart", 1.1, 1.0)
    assert living_room.description == "Yours: Living room (2 Emma + Puck)"
    assert (living_room.language, living_room.style_name, living_room.gain) == ("en-GB", "am_puck+bf_emma*2", 0.5)
    assert (pierre.language, pierre.description) == ("en-US", "Pierre")


@given(
    st.from_regex(r"\w[\w-]{0,49}", fullmatch=True),
    st.sampled_from([voice.name for voice in VOICES if voice.language in LANGUAGES]),
)
def test_configured_voice_is_not_the_first_of_its_language(name: str, base: str) -> None:
    """Home Assistant preselects the first by description; a language alone resolves to the best model voice."""
    catalog = catalog_with(**{name: VoiceAlias(base)})
    configured = catalog.resolve(name)
    first = next(voice for voice in catalog.voices if voice.language == configured.language)
    assert first.name != name
    assert catalog.resolve(language=configured.language).name != name


def test_description_can_sort_a_configured_voice_first() -> None:
    catalog = catalog_with(kitchen=VoiceAlias("af_nova", description="A is for kitchen"))
    assert next(voice.name for voice in catalog.voices if voice.language == "en-US") == "kitchen"
    assert catalog.resolve(language="en-US").name == "af_heart"


@pytest.mark.parametrize("default", ["kitchen", "af_bella", "af_bella+af_heart"])
def test_default_can_be_any_voice_or_blend(default: str) -> None:
    catalog = catalog_with(default, kitchen=VoiceAlias("af_heart"))
    assert catalog.default_voice.name == default
    assert catalog.resolve().name == default
    assert catalog.resolve(language="en").name == default
    assert catalog.resolve(language="fr").name == "ff_siwis"


def test_unknown_default_voice_fails_at_startup() -> None:
    with pytest.raises(StartupError, match="default voice: unknown voice 'kitchn'; similar: kitchen"):
        catalog_with("kitchn", kitchen=VoiceAlias("af_heart"))


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
def test_language_resolves_to_its_best_voice(language: str, name: str) -> None:
    assert catalog_with().resolve(language=language).name == name


def test_speaker_precedes_name_and_name_precedes_language() -> None:
    """A named voice speaks its own language, even if the request has another one."""
    catalog = catalog_with(kitchen=VoiceAlias("bf_emma"))
    assert catalog.resolve("ff_siwis", "en-US").name == "ff_siwis"
    assert catalog.resolve("ff_siwis", "de").language == "fr-FR"
    assert catalog.resolve("af_heart", None, "kitchen").name == "kitchen"
    assert catalog.resolve(None, "fr", "af_nova").name == "af_nova"
    assert catalog.resolve(speaker="af_heart+af_bella").style_name == "af_bella+af_heart"
    assert catalog.resolve("", "", "").name == "af_heart"
    with pytest.raises(UnknownVoice, match="'kitchn'; similar: kitchen"):
        catalog.resolve("af_heart", None, "kitchn")
    with pytest.raises(UnsupportedLanguage, match="no voice for language 'fi'"):
        catalog.resolve(language="fi")


def test_blend_speaks_the_language_of_its_first_voice() -> None:
    one, other = (catalog_with().get(name) for name in ("bf_emma + af_heart*2", "af_heart*4+bf_emma*2"))
    assert (one.language, other.language) == ("en-GB", "en-US")
    assert one.style_name == other.style_name == "af_heart*2+bf_emma"
    assert catalog_with().get(one.name) == one
    assert catalog_with().get("af_heart*3") == catalog_with().get("af_heart")


def test_voice_without_phonemizer_can_only_be_part_of_a_blend() -> None:
    with pytest.raises(
        UnsupportedLanguage, match="voice jf_alpha needs a phonemizer for ja; see `wyoming-kokoro plugins`"
    ):
        catalog_with().get("jf_alpha")
    with pytest.raises(UnsupportedLanguage, match="needs a phonemizer for ja"):
        catalog_with().get("jf_alpha+af_heart")
    assert catalog_with().get("af_heart+jf_alpha").language == "en-US"
    assert catalog_with(yuki=VoiceAlias("jf_alpha", language="en-GB")).get("yuki").style_name == "jf_alpha"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("af_hart", "unknown voice 'af_hart'; similar: af_heart"),
        ("AF_HEART", "unknown voice 'AF_HEART'; similar: af_heart"),
        ("nope", "unknown voice 'nope'; known: af_"),
        ("af_heart+af_bela", "unknown voice 'af_bela'; similar: .*af_bella"),
        ("af_heart+kitchen", "'kitchen' is a voice of \\[voices\\]; only voices of the model can be"),
        ("af_heart++af_bella", "'' is not a valid part of a blend"),
        ("x" * 5000, "unknown voice 'x{80}'"),
    ],
)
def test_unknown_voice_is_an_error_with_similar_names(name: str, reason: str) -> None:
    with pytest.raises(UnknownVoice, match=reason) as caught:
        catalog_with(kitchen=VoiceAlias("af_heart")).get(name)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", ["a" * 1_000_000, "af_heart+" * 100_000, "+" * 1_000_000])
def test_long_name_is_not_compared_with_voices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To compare a megabyte takes a second, in which the event loop serves nothing else."""
    monkeypatch.setattr("difflib.get_close_matches", None)
    with pytest.raises(UnknownVoice, match="a name has at most 300 characters") as caught:
        catalog_with().get(name)
    assert len(str(caught.value)) < 200


def test_unknown_voices_in_markup_are_not_compared_with_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("difflib.get_close_matches", None)
    catalog = catalog_with()
    assert [catalog.find_voice(name) for name in ("af_hearz", "af_hearz+af_bella", "++", "(" * 1000)] == 4 * [None]
    french = catalog.find_voice("af_hearz", "fr-FR")
    assert french
    assert french.language == "fr-FR"


def test_long_language_is_compared_at_its_beginning_only() -> None:
    with pytest.raises(UnsupportedLanguage) as caught:
        catalog_with().resolve(language="x" * 1_000_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("alias", "message"),
    [
        ({"base": "af_hart"}, "voices.kitchen.base: unknown voice 'af_hart'; similar: af_heart"),
        ({"base": "kitchen"}, "voices.kitchen.base: 'kitchen' is a voice of [voices]"),
        ({"base": ""}, "voices.kitchen.base: unknown voice ''"),
        ({"base": "af_heart*0+af_nova"}, "voices.kitchen.base: 'af_heart*0' is not a valid part of a blend; write"),
        ({"base": "af_heart*-5+af_nova"}, "voices.kitchen.base: 'af_heart*-5' is not a valid part of a blend; write"),
        ({"base": "jf_alpha"}, "voices.kitchen.language: no phonemizer for 'ja'; supported: en-GB, en-US, es"),
        ({"language": "fi"}, "voices.kitchen.language: no phonemizer for 'fi'; supported: en-GB, en-US, es"),
        ({"speed": 3.0}, "voices.kitchen.speed: times [voice] speed is 4.5; must be from 0.25 to 4.0"),
        ({"name": "af_nova"}, "voices: 'af_nova' is a voice of the model; choose another name"),
        ({"name": "a+b"}, "voices: invalid voice name 'a+b'; use"),
        ({"name": "in the\nkitchen"}, "voices: invalid voice name 'in the\\nkitchen'; use"),
        ({"name": ""}, "voices: invalid voice name ''; use"),
        ({"name": "k" * 51}, "invalid voice name"),
    ],
)
def test_invalid_configured_voice_fails_at_startup(alias: dict[str, Any], message: str) -> None:
    assert message in config_error(**alias)


def test_blends_lists_only_those_of_the_configuration() -> None:
    catalog = catalog_with("af_nova+af_heart", both=VoiceAlias("bf_emma*2+am_puck"), kitchen=VoiceAlias("af_heart"))
    catalog.resolve("af_sky+af_bella")
    assert catalog.blends == {"af_heart+af_nova": "en-US", "am_puck+bf_emma*2": "en-GB"}


def test_gain_is_that_of_the_style_times_the_volume() -> None:
    """The gain of a blend is between those of its voices."""
    config = Config(voices={"kitchen": VoiceAlias("af_heart", volume=2.0), "both": VoiceAlias("af_heart+af_bella")})
    catalog = VoiceCatalog(VOICES, LANGUAGES, config, {"af_heart": -20.0, "af_bella": -30.0})
    heart, bella, both = (catalog.get(name).gain for name in ("af_heart", "af_bella", "both"))
    assert bella / heart == pytest.approx(10**0.5)
    assert both == pytest.approx((heart * bella) ** 0.5)
    assert catalog.get("af_bella+af_heart").gain == pytest.approx(both)
    assert catalog.get("kitchen").gain == pytest.approx(2 * heart)
    assert catalog.get("af_nova").gain == catalog.get("af_nova+af_heart").gain == 1.0
