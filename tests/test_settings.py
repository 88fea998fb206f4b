"""Tables become dataclasses, or one line that names the file and the key."""

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


def refusal(table: dict[str, Any], section: str = "") -> str:
    with pytest.raises(ConfigError) as caught:
        parse_settings(Bird, table, "here.toml", section)
    return str(caught.value)


def test_absent_keys_keep_their_defaults() -> None:
    """What a table leaves out is as the dataclass has it."""
    assert parse_settings(Bird, {"name": "Polly"}, "here.toml") == Bird("Polly")


def test_all_keys_are_taken() -> None:
    """Sub-tables become dataclasses, arrays tuples, and a whole number is a number."""
    table = {"name": "Polly", "volume": 2, "mood": "loud", "perch": {"height": 0, "woods": ["ash", "elm"]}}
    assert parse_settings(Bird, table, "here.toml") == Bird("Polly", 2.0, "loud", Perch(0, ("ash", "elm")))


def test_the_table_is_left_as_it_is() -> None:
    """The caller's table is not eaten up."""
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
        ({"name": "P", "volume": float("nan")}, "here.toml: volume: Expected `float` >= 0.0"),
        ({"name": "P", "perch": {"height": -1}}, "here.toml: perch.height: Expected `int` >= 0"),
        ({"name": "P", "perch": {"height": 1.5}}, "here.toml: perch.height: Expected `int`, got `float`"),
        ({"name": "P", "perch": 5}, "here.toml: perch: Expected `object`, got `int`"),
        ({"name": "P", "perch": {"woods": "oak"}}, "here.toml: perch.woods: Expected `array`, got `str`"),
        ({"name": "P", "perch": {"woods": ["a", 1]}}, "here.toml: perch.woods[1]: Expected `str`, got `int`"),
        ({"name": datetime.date(2026, 1, 3)}, "here.toml: name: Expected `str`, got `date`"),
    ],
)
def test_message_names_file_and_key(table: dict[str, Any], message: str) -> None:
    """Unknown keys, wrong types and values out of range each have their line."""
    assert refusal(table) == message


def test_message_names_the_table_too() -> None:
    """A plugin's key is named as it would be written at the top of the file."""
    assert refusal({"nam": "P"}, "plugins.bird").startswith("here.toml: plugins.bird.nam: unknown key")
    assert refusal({"name": 5}, "plugins.bird").startswith("here.toml: plugins.bird.name: Expected `str`")


def test_missing_key_is_named() -> None:
    """A key without a default must be there."""
    assert refusal({}, "plugins.bird") == "here.toml: plugins.bird: Object missing required field `name`"


@pytest.mark.parametrize("value", ["silent", "a\nb", 5])
def test_wrong_choice_is_one_line(value: object) -> None:
    """A value that is none of the choices is refused, in one line."""
    message = refusal({"name": "P", "mood": value})
    assert message.startswith("here.toml: mood: ")
    assert "\n" not in message


def test_wrong_choice_is_told_the_choices() -> None:
    """Who cannot have `silent` wants to know what there is."""
    message = refusal({"name": "P", "mood": "silent"})
    assert "calm" in message
    assert "loud" in message


def test_wrong_value_below_a_free_table_is_named() -> None:
    """Under a table whose keys are free, the key is named like any other."""
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
def test_suggestion(word: str, known: list[str], expected: str) -> None:
    """A near word is offered, else all of them."""
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
def test_any_table_is_a_dataclass_or_one_line(table: dict[str, Any]) -> None:
    """Whatever a file holds, it is taken as it stands or refused with file and table named."""
    try:
        bird = parse_settings(Bird, table, "here.toml", "plugins.bird")
    except ConfigError as error:
        message = str(error)
        assert message.startswith("here.toml: plugins.bird")
        assert len(message.splitlines()) == 1
    else:
        assert parse_settings(Bird, asdict(bird), "here.toml") == bird
        assert all(getattr(bird, key) == value for key, value in table.items() if key != "perch")
