"""Text for terminals and logs."""

from __future__ import annotations

import io
import logging

import pytest

from wyoming_kokoro.terminal import LogFormatter, escape, format_table


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Küche 厨房 🙂", "Küche 厨房 🙂"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("caf\udce9", "caf\\udce9"),
    ],
)
def test_text_is_one_line_that_cannot_control_a_terminal(text: str, line: str) -> None:
    assert escape(text) == line
    assert format_table(["name"], [[text]]) == f"name\n{line}"


def test_log_shows_names_and_errors_as_they_are() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogFormatter("%(levelname)s %(message)s"))
    log = logging.Logger("test")  # noqa: LOG001 no other handler gets its records
    log.addHandler(handler)
    log.warning("Unknown voice %s", "\x1b[2J\nERROR It burns")
    try:
        raise ValueError("\x1b[31m")
    except ValueError:
        log.exception("Failed")
    first, second, *traceback = stream.getvalue().splitlines()
    assert first == "WARNING Unknown voice \\x1b[2J\\nERROR It burns"
    assert (second, traceback[-1]) == ("ERROR Failed", "ValueError: \\x1b[31m")
    assert len(traceback) > 2
