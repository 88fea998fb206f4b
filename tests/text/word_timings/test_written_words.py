from __future__ import annotations

from wyoming_kokoro.text.ipa.embedded import embed_ipa
from wyoming_kokoro.text.word_timings.written_words import WrittenWords

KOKORO = embed_ipa("kˈOkəɹO")


def taken(text: str, *words: str) -> list[str]:
    written = WrittenWords()
    written.feed(text)
    return [written.take(word) for word in words]


def test_comma_of_an_early_split_is_removed() -> None:
    assert taken("one two three", "one", "two,", "three") == ["one", "two", "three"]


def test_comma_of_the_text_stays() -> None:
    assert taken("one, two", "one,", "two") == ["one,", "two"]


def test_pronounced_word_is_written_without_its_phonemes() -> None:
    assert taken("Hello [Kokoro](/kˈOkəɹO/), hi.", "Hello", f"{KOKORO},", "hi.") == ["Hello", "Kokoro,", "hi."]


def test_text_of_an_ssml_element_is_found() -> None:
    assert taken('<phoneme ph="kˈOkəɹO">Kokoro</phoneme> hi', KOKORO, "hi") == ["Kokoro", "hi"]


def test_word_that_is_not_in_the_text_is_returned_as_it_is() -> None:
    assert taken("R&amp;B now", "R&B", "now") == ["R&B", "now"]


def test_words_are_found_across_pieces_of_text() -> None:
    written = WrittenWords()
    written.feed("one tw")
    assert written.take("one") == "one"
    written.feed("o,")
    assert written.take("two,") == "two,"
