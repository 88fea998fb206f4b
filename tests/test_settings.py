from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.settings import did_you_mean, parse_settings


@dataclass(frozen=True, slots=True)
class Perch:
    height: Annotated[int, Meta(ge=0, le=300)] = 120
    woods: tuple[str, ...] = ("oak",)


@dataclass(frozen=True, slots=True)
class Bird:
    name: str
    volume: Annotated[float, Meta(ge=0.0, le=4.0)] = 1.0
    mood: Literal["calm", "loud"] = "calm"
    perch: Perch = field(default_factory=Perch)


def settings_error(table: dict[str, Any], section: str = "") -> str:
    with pytest.raises(ConfigError) as caught:
        parse_settings(Bird, table, "here.toml", section)
    return str(caught.value)


def test_absent_keys_get_their_defaults() -> None:
    assert parse_settings(Bird, {"name": "Polly"}, "here.toml") == Bird("Polly")


def test_tables_arrays_and_integers_are_converted() -> None:
    table = {"name": "Polly", "volume": 2, "mood": "loud", "perch": {"height": 0, "woods": ["ash", "elm"]}}
    assert parse_settings(Bird, table, "here.toml") == Bird("Polly", 2.0, "loud", Perch(0, ("ash", "elm")))


def test_table_is_not_changed() -> None:
    table: dict[str, Any] = {"name": "Polly", "perch": {"height": 1}}
    parse_settings(Bird, table, "here.toml")
    assert table == {"name": "Polly", "perch": {"height": 1}}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"name": "P", "moode": "loud"}, "here.toml: moode: unknown key; did you mean mood?"),
        (
            {"name": "P", "zzz": 1},
            "here.toml: zzz: unknown key; known: mood, name, perch, volume",
        ),
        (
            {"name": "P", "perch": {"hight": 1}},
            "here.toml: perch.hight: unknown key; did you mean height?",
        ),
        ({"name": 5}, "here.toml: name: Expected `str`, got `int`"),
        ({"name": "P", "volume": "loud"}, "here.toml: volume: Expected `float`, got `str`"),
        ({"name": "P", "volume": True}, "here.toml: volume: Expected `float`, got `bool`"),
        ({"name": "P", "volume": 4.5}, "here.toml: volume: Expected `float` <= 4.0"),
        ({"name": "P", "volume": float("nan")}, "here.toml: volume: must be a finite number, not nan"),
        ({"name": "P", "perch": {"height": -1}}, "here.toml: perch.height: Expected `int` >= 0"),
        ({"name": "P", "perch": {"height": 1.5}}, "here.toml: perch.height: Expected `int`, got `float`"),
        ({"name": "P", "perch": 5}, "here.toml: perch: must be a table: [perch]"),
        ({"name": "P", "perch": {"woods": "oak"}}, "here.toml: perch.woods: Expected `array`, got `str`"),
        ({"name": "P", "perch": {"woods": ["a", 1]}}, "here.toml: perch.woods[1]: Expected `str`, got `int`"),
        ({"name": datetime.date(2026, 1, 3)}, "here.toml: name: Expected `str`, got `date`"),
    ],
)
def test_error_names_file_and_key(table: dict[str, Any], message: str) -> None:
    assert settings_error(table) == message


def test_error_names_the_section() -> None:
    assert settings_error({"nam": "P"}, "plugins.bird").startswith("here.toml: plugins.bird.nam: unknown key")
    assert settings_error({"name": 5}, "plugins.bird").startswith("here.toml: plugins.bird.name: Expected `str`")


def test_missing_key_is_an_error() -> None:
    assert settings_error({}, "plugins.bird") == "here.toml: plugins.bird: Object missing required field `name`"


@pytest.mark.parametrize("value", ["silent", "a\nb", 5])
def test_error_of_an_invalid_choice_has_one_line(value: object) -> None:
    message = settings_error({"name": "P", "mood": value})
    assert message.startswith("here.toml: mood: ")
    assert "\n" not in message


def test_error_of_an_invalid_choice_lists_the_choices() -> None:
    message = settings_error({"name": "P", "mood": "silent"})
    assert "calm" in message
    assert "loud" in message


def test_error_names_the_key_of_a_dictionary() -> None:
    with pytest.raises(ConfigError, match=r"^here.toml: plugins\.bird: "):
        parse_settings(Config, {"plugins": {"ant": {}, "bird": 5}}, "here.toml")


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("sever", ["voice", "server"], "; did you mean server?"),
        ("zzz", ["voice", "server"], "; known: server, voice"),
        ("zzz", [], "; there are none"),
    ],
)
def test_did_you_mean_suggests_a_similar_word_or_all(word: str, known: list[str], expected: str) -> None:
    assert did_you_mean(word, known) == expected


PRINTABLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=12)
SCALARS = st.one_of(st.booleans(), st.integers(), st.floats(), PRINTABLE, st.dates(), st.times(), st.datetimes())
KEYS = st.one_of(PRINTABLE, st.sampled_from(["name", "volume", "mood", "perch", "height", "woods", "moods"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_table_is_valid_or_an_error_with_one_line(table: dict[str, Any]) -> None:
    try:
        bird = parse_settings(Bird, table, "here.toml", "plugins.bird")
    except ConfigError as error:
        message = str(error)
        assert message.startswith("here.toml: plugins.bird")
        assert len(message.splitlines()) == 1
    else:
        assert parse_settings(Bird, asdict(bird), "here.toml") == bird
        assert all(getattr(bird, key) == value for key, value in table.items() if key != "perch")
