"""Text for terminals and logs."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

# Control characters can move the cursor and change the title of a terminal. Directional marks reorder the text around
# them. Lone surrogates cannot be printed.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def escape(text: str) -> str:
    """Return `text`, which may come from anywhere, as one line that a terminal shows as it is."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def open_closed_streams() -> None:
    """Open the null device for each standard stream that the parent process has closed.

    Otherwise a file or a connection gets its descriptor, into which native libraries then write their messages.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest free number is that of the stream.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def escape_unencodable_output() -> None:
    """Let stdout escape the characters that its encoding lacks, such as IPA in a locale with Latin-1."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return aligned columns."""
    lines = [list(head), *(list(map(escape, row)) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


class LogFormatter(logging.Formatter):
    """Writes each message in one line, and the traceback of an exception below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 the name is that of the base class
        """Return the line of `record`."""
        return escape(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Return the traceback of an exception, whose message may come from a client."""
        return "\n".join(map(escape, super().formatException(ei).split("\n")))
