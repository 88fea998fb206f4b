"""Text for terminals and logs."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_gets_the_descriptor_of_a_closed_stream(tmp_path: Path, closed: str) -> None:
    code = (
        "import sys; from wyoming_kokoro.terminal import open_closed_streams; open_closed_streams();"
        " file = open(sys.argv[1], 'w'); print('out'); print('error', file=sys.stderr);"
        " print(file.fileno() > 2, file=file)"
    )
    command = ["sh", "-c", f'exec "$0" -c "$1" "$2" {closed}', sys.executable, code, str(tmp_path / "file")]
    subprocess.run(command, check=True)
    assert (tmp_path / "file").read_text() == "True\n"


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
