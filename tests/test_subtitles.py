from __future__ import annotations

import json

from wyoming_kokoro.api.speech_models import WordTiming
from wyoming_kokoro.subtitles import MAX_CUE_CHARACTERS, format_json, format_srt, format_vtt, split_cues

WORDS = (
    WordTiming("Hello", 0.0, 0.5),
    WordTiming("there.", 0.6, 1.0),
    WordTiming("R&B", 3661.2344, 3662.0),
)


def test_json_has_milliseconds() -> None:
    assert json.loads(format_json(WORDS))[2] == {"word": "R&B", "start_time": 3661.234, "end_time": 3662.0}


def test_srt_has_a_cue_for_each_sentence() -> None:
    assert format_srt(WORDS) == (
        "1\n00:00:00,000 --> 00:00:01,000\nHello there.\n\n2\n01:01:01,234 --> 01:01:02,000\nR&B\n"
    )


def test_vtt_has_the_time_of_each_word_and_escapes_markup() -> None:
    assert format_vtt(WORDS) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello <00:00:00.600>there.\n\n"
        "01:01:01.234 --> 01:01:02.000\nR&amp;B\n"
    )


def test_no_words_are_no_cues() -> None:
    assert (format_srt(()), format_vtt(()), format_json(())) == ("", "WEBVTT\n", "[]\n")


def test_long_sentence_is_split_into_cues_that_fit() -> None:
    words = [WordTiming("word", i * 0.1, i * 0.1 + 0.1) for i in range(60)]
    cues = list(split_cues(words))
    assert [word for cue in cues for word in cue] == words
    assert max(len(" ".join(word.word for word in cue)) for cue in cues) <= MAX_CUE_CHARACTERS


def test_pause_begins_a_new_cue() -> None:
    assert len(list(split_cues([WordTiming("one", 0, 1), WordTiming("two", 1.7, 2)]))) == 2
