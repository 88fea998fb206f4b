"""Tags in brackets, from the text to the segments."""

from __future__ import annotations

import pytest

from tests.helpers.text.markup import describe, styled_segments
from wyoming_kokoro.text.ipa.embedded import embed_ipa


def spoken(text: str) -> str:
    return describe(styled_segments([text]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello.[pause:0.8s] Bye.", "Hello.|(800)|Bye."),
        ("Ready[pause:300ms]go", "Ready,|(300)|go"),
        ("[pause: 2]Hello.", "(2000)|Hello."),
        ("Hello.[pause:1s]", "Hello.|(1000)"),
        ("[pause:1s]", "(1000)"),
        ("A.[pause:1s][pause:0.5s]B.", "A.|(1500)|B."),
        ("A.[pause:99s]B.", "A.|(10000)|B."),
        ("A.[pause:0]B.", "A.|(0)|B."),
        ("One [rate:0.9]two three[/rate] four.", "One,|{x0.9}two three,|four."),
        ("[rate:0.5]Slow. [rate:fast]Less.[/rate][/rate] Normal.", "{x0.5}Slow.|{x0.625}Less.|Normal."),
        ("[rate:90%]Slow.[/rate]", "{x0.9}Slow."),
        ("[rate:100]Fast.[/rate]", "{x4}Fast."),
        ("[volume:0.5]Soft.[/volume] Loud.", "{v0.5}Soft.|Loud."),
        ("[volume:-6dB]Soft.[/volume]", "{v0.5012}Soft."),
        ("[volume:50%]Soft.[/volume]", "{v0.5}Soft."),
        ("[volume:9]Loud.[/volume]", "{v4}Loud."),
        ("[voice:bf_emma]Hi.[/voice] Bye.", "{bf_emma}Hi.|Bye."),
        ("[voice:ef_dora]Hola.[/voice] [voice:missing]Bye.[/voice]", "{ef_dora}Hola.|Bye."),
        ("[lang:es]Hola.[/lang] Hi.", "{es}Hola.|Hi."),
        ("[lang:en]Hi.[/lang] [lang:xx]Ho.[/lang]", "Hi.|Ho."),
        ("[lang:es][voice:bf_emma]Hi.[/voice]Hola.[/lang]", "{bf_emma}Hi.|{es}Hola."),
        ("The code is [spell]ab1-[/spell].", "The code is A, B, 1, dash ."),
        ("[lang:es][spell]xy[/spell][/lang]", "{es}X, ye"),
    ],
)
def test_tag_changes_the_text_in_it(text: str, expected: str) -> None:
    assert spoken(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[manual](https://example.com/a) and [1] and [^2].",
        "- [ ] Milk and [x] eggs.",
        "[spell](https://example.com) it.",
        "[pause] and [rate] and [spell:x] and [voice].",
        "[pause:long] and [rate:quick] and [volume:loudest] and [lang:1] and [voice:!].",
        "[Pause:1s] and [ pause:1s] and [pauses:1s] and [/pause].",
        "[rate:0.9 and so on.",
        "[[a]] and [link][ref].",
        "It is [on.",
        "[",
        f"[voice:{'x' * 211}]",
    ],
)
def test_other_brackets_stay_text(text: str) -> None:
    assert spoken(text) == describe(styled_segments([text], tags=False)) == describe(styled_segments(text))
    assert spoken(text).replace("|", "").replace(" ", "") == text.replace(" ", "")


def test_inline_ipa_stays_inline_ipa() -> None:
    assert spoken("[spell](/spˈɛl/) it.") == f"{embed_ipa('spˈɛl')} it."
    assert spoken("[rate:0.9][Kokoro](/kˈOkəɹO/)[/rate] it.") == f"{{x0.9}}{embed_ipa('kˈOkəɹO')},|it."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("un[rate:2]believ[/rate]able, yes.", "unbelievable, yes."),
        ("[rate:2]Really[/rate]! Yes.", "{x2}Really!|Yes."),
        ("[voice:bf_emma]John[/voice]'s lamp.", "{bf_emma}John's,|lamp."),
        ("“[voice:bf_emma]Hi.[/voice]” he said.", "“|{bf_emma}Hi.”|he said."),
        ("[voice:bf_emma]Hi[/voice][voice:ef_dora]Hola[/voice]", "{bf_emma}Hi,|{ef_dora}Hola"),
        ("你[rate:2]好[/rate]。是", "你,|{x2}好。|是"),
        ("[rate:2](Very) fast[/rate] (so).", "{x2}(Very) fast,|(so)."),
        ("[rate:1]All of it[/rate] is one.", "All of it is one."),
        ("[voice:af_heart]All of it[/voice] is one.", "All of it is one."),
        ("One\n[rate:2]two\n\n[/rate]three", "One,|{x2}two|three"),
        ("Well, [rate:2]fine[/rate]", "Well,|{x2}fine"),
    ],
)
def test_style_changes_at_the_border_of_a_word(text: str, expected: str) -> None:
    assert spoken(text) == expected
    assert describe(styled_segments(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[rate:2]Fast [voice:bf_emma]Emma.[/rate] Normal.[/voice]", "{x2}Fast,|{bf_emma x2}Emma.|Normal."),
        ("[/rate]Normal.[/voice]", "Normal."),
        ("[rate:2]Fast.", "{x2}Fast."),
    ],
)
def test_wrong_nesting_is_no_error(text: str, expected: str) -> None:
    assert spoken(text) == expected


def test_tags_can_be_turned_off() -> None:
    text = "[rate:2]Fast.[/rate]"
    assert describe(styled_segments([text], tags=False)) == text
