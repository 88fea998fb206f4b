from __future__ import annotations

from collections.abc import Callable

import pytest

Read = Callable[[str, str], str]


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("THE BLINDS IS OPEN", "the blinds is open"),
        ("Door CHIPS!", "Door chips!"),
        ("The light is ON.", "The light is on."),
        ("The door IS open", "The door is open"),
        ("SMOKE DETECTED", "smoke detected"),
        ("DOOR OPENED", "door opened"),
        ("FRONT DOOR'S OPEN. DON'T PANIC!", "front door's open. don't panic!"),
        ("I’M AT HOME", "I'm at home"),
        ("WATER LEAK", "water leak"),
        ("GARAGE DOOR LEFT OPEN", "garage door left open"),
        ("SYSTEM REBOOTED, MOPPING DONE", "system rebooted, mopping done"),
        ("TELL US WHO IT IS", "tell us who it is"),
        ("ON", "on"),
    ],
)
def test_words_in_capitals_are_read_as_words(read: Read, text: str, same_as: str) -> None:
    assert read("en-US", text).lower() == read("en-US", same_as).lower()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LED-strip ETA", "ˌɛlˌidˈi stɹˈɪp ˌitˌiˈA"),
        ("in the US", "ɪn ðə jˌuˈɛs"),
        ("the IT department", "ði ˌItˈi dəpˈɑɹtmənt"),
        ("ALARM AT 7 AM", "əlˈɑɹm æt sˈɛvən ˌAˈɛm"),
        ("CO ALARM", "sˌiˈO əlˈɑɹm"),
        ("HA, NAS and SOS", "ˌAʧˈA, ˌɛnˌAˈɛs ænd ˌɛsˌOˈɛs"),
        ("TV, PC, USB", "tˌivˈi, pˌisˈi, jˌuˌɛsbˈi"),
        ("two PCs, the DVD's", "tˈu pˌisˈiz, ðə dˌivˌidˈiz"),
        ("NASA, NATO, ASAP, PIN", "nˈæsə, nˈATO, ˈAsæp, pˈɪn"),
    ],
)
def test_abbreviations_are_read_as_abbreviations(read: Read, text: str, expected: str) -> None:
    assert read("en-US", text) == expected
