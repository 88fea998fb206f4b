"""What is not text in any language, and the plugin as a whole; one row a rule: what is written and what is said."""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.text_filters import plugin, say
from wyoming_kokoro import ConfigError

LANGUAGES = ("en", "es", "fr", "hi", "it", "pt", "xx")

MARKUP = [
    ("The forecast is **mostly sunny** today", "The forecast is mostly sunny today"),
    ("It is *really* ***very*** warm", "It is really very warm"),
    ("__Note__ that _this_ counts", "Note that this counts"),
    ("**Bold that opens here", "Bold that opens here"),
    ("and closes here.** Fine", "and closes here. Fine"),
    ("# Weather", "Weather"),
    ("### Weather ###", "Weather"),
    ("- milk", "milk"),
    ("* milk\n* eggs", "milk eggs"),
    ("• milk", "milk"),
    ("- [x] water the plants", "water the plants"),
    ("1. Milk", "1. Milk"),
    ("2) Eggs", "2. Eggs"),
    ("> quoted", "quoted"),
    ("See [the manual](https://example.com/a_(b)?c=1 'Title')", "See the manual"),
    ("See [the manual,", "See the manual,"),
    ("part 2](https://example.com) now", "part 2 now"),
    ("See [the manual](https://example.com", "See the manual"),
    ("![A lamp](lamp.png) is on", "A lamp is on"),
    ("As [said][1] before", "As said before"),
    ('[1]: https://example.com "Title"', ""),
    ("It rained [1] a lot[^2].", "It rained a lot."),
    ("It rained【4:0†source】.", "It rained."),
    ("** is on", "is on"),
    ("Use `light` now", "Use light now"),
    ("Use `light,", "Use light,"),
    ("```yaml", ""),
    ("~~~", ""),
    ("---", ""),
    ("| Room | Temperature |", "Room, Temperature"),
    ("|---|:---:|", ""),
    ("| Kitchen,", "Kitchen,"),
    ("~~wrong~~ right", "wrong right"),
    ("~~wrong,", "wrong,"),
    ("Done.<|endoftext|>", "Done."),
    ("<|im_start|>assistant", "assistant"),
    ("<b>Hot</b> and<br/>humid", "Hot and humid"),
    ('<a href="https://example.com">here</a>', "here"),
    ('<a href="https://example.com/a,', ""),
    ('b">here</a>', "here"),
    ("<!-- hidden --> shown", "shown"),
    ("<!-- hidden,", ""),
    ("still --> shown", "shown"),
    ("Jerry&#39;s &quot;cat&quot; &lt;here&gt;", 'Jerry\'s "cat" <here>'),
    (r"a \*star\*", "a star"),
    ("living_room_lamp", "living room lamp"),
    ("  two\n lines \t here ", "two lines here"),
    ("zero\u200bwidth", "zerowidth"),
    ("a < b and c", "a < b and c"),
]

EMOJI = [
    ("Good morning 🌤️ sunshine", "Good morning sunshine"),
    ("Done ✅!", "Done!"),
    ("👨‍👩‍👧 🇩🇪 ❤️", ""),
    ("1️⃣ Milk", "1 Milk"),
    ("➡️ Turn left", "Turn left"),
    ("ℹ️ Note ©", "Note"),
    ("Fine :-) thanks", "Fine thanks"),
    ("A :light_bulb: is on", "A is on"),
]

NAMED = [
    ("en", "Good morning ☀️!", "Good morning, sun,!"),
    ("es", "Buenos días ☀️", "Buenos días, sol,"),
    ("fr", "Bonjour ☀️", "Bonjour, soleil,"),
    ("it", "Buongiorno ☀️", "Buongiorno, sole,"),
    ("pt", "Bom dia ☀️", "Bom dia, sol,"),
    ("hi", "नमस्ते ☀️", "नमस्ते"),
    ("en", "👨‍👩‍👧 home", "family man woman girl, home"),
]


@pytest.mark.parametrize(("written", "said"), [*MARKUP, *EMOJI])
def test_what_is_no_text_is_not_said(written: str, said: str) -> None:
    """Markdown, HTML, model tokens and emoji leave only their text, also by halves, in every language."""
    assert say(written, "xx") == said


@pytest.mark.parametrize(("language", "written", "said"), NAMED)
def test_emoji_can_be_named(language: str, written: str, said: str) -> None:
    """With `emoji = "name"` they are called by their names, in the languages that have some."""
    assert say(written, language, emoji="name") == said


@pytest.mark.parametrize("setting", ["drop", "name"])
def test_no_emoji_is_left(setting: Literal["drop", "name"]) -> None:
    """Of all emoji there are, none comes through to the phonemizer, which would call it by odd names."""
    emoji = pytest.importorskip("emoji")
    every = [picture for picture in emoji.EMOJI_DATA if not picture[0].isascii()]
    said = say(" ".join(every), "en", emoji=setting)
    assert emoji.emoji_count(said) == 0
    assert any(character.isalpha() for character in said) == (setting == "name")


def test_emoji_package_is_imported_for_names_only() -> None:
    """It takes a tenth of a second, which who wants no names does not pay."""
    code = (
        "import sys; from tests.helpers.text_filters import say; say('Hi ☀️'); assert 'emoji' not in sys.modules;"
        " say('Hi ☀️', emoji='name'); assert 'emoji' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@given(
    st.text(alphabet=st.sampled_from(list("ab 1.:-–$°%*_`#[]()<>|&/'\"\n")) | st.characters(), max_size=60),
    st.sampled_from(LANGUAGES),
)
def test_any_text_passes(text: str, language: str) -> None:
    """No text makes a filter fail or leaves whitespace at its ends."""
    assert say(text, language) == say(text, language).strip()


@given(st.lists(st.sampled_from(["turn", "Light", "on", "the", "lamp.", "now,", "yes!", "3"]), min_size=1))
def test_plain_text_stays(words: list[str]) -> None:
    """Text with nothing to rewrite comes out as it went in."""
    assert say(" ".join(words)) == " ".join(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_orders_are_distinct(language: str) -> None:
    """Every filter has a place of its own, with room before and behind it for those of other plugins."""
    filters = list(plugin(emoji="name").kokoro_text_filters())
    orders = sorted(item.order for item in filters if not item.languages or language in item.languages)
    assert all(after - before >= 5 for before, after in itertools.pairwise(orders))
    assert len({item.name for item in filters}) == len(filters)


def test_unknown_setting_is_refused() -> None:
    """A misspelt key or value is an error, as in every plugin."""
    with pytest.raises(ConfigError, match="emojis"):
        plugin(emojis="drop")
    with pytest.raises(ConfigError, match="drop, name"):
        plugin(emoji="keep")
