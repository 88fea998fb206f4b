"""Write the tables of `results.json` into docs/platforms.md.

python -m tools.platforms.make_table
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "platforms.md"
RESULTS = Path(__file__).with_name("results.json")
BEGIN, END = "<!-- results: python -m tools.platforms.make_table -->\n", "<!-- end of results -->\n"
HEAD = (
    "| platform | Python | extras | versions | install | first `say` | Whisper's errors | problems | date | commit |",
    "|---|---|---|---|---|---|---|---|---|---|",
)
TEXT_HEAD = ("| recording | spoken | Whisper heard |", "|---|---|---|")
KINDS = {
    "arm64": "arm64, emulated: {system}",
    "debian": "x86-64 chroot: {system}",
    "image": "steps of the Dockerfile: {system}",
    "python": "x86-64: {system}",
    "systemd": "service of systemd: {system}",
}


def main() -> int:
    """Write the page."""
    PAGE.write_text(format_page(), "utf-8")
    return 0


def format_page() -> str:
    """Return the text of the page with the tables of today's results."""
    results = json.loads(RESULTS.read_text("utf-8"))
    lines = [*HEAD, *map(format_row, results), "", *TEXT_HEAD, *format_texts(results), ""]
    tables = "\n".join(lines)
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n{tables}\n{END}", PAGE.read_text("utf-8"))


def format_row(result: dict[str, Any]) -> str:
    """Return the row of one result."""
    install = result["seconds"].get("install")
    heard = ", ".join(
        f"{recording['name']} {recording.get('error_percent', '?')} %" for recording in result["recordings"]
    )
    cells = [
        KINDS[result["platform"]].format(system=result["system"]),
        result["python"],
        result["extras"].replace(",", ", ") or "none",
        "`constraints.txt`" if result.get("constraints") else "newest",
        f"{install:.0f} s" if install else "-",
        f"{result['recordings'][0]['took_seconds']:.0f} s",
        heard,
        str(len(result["problems"])),
        result["date"],
        f"`{result['commit']}`",
    ]
    return f"| {' | '.join(cells)} |"


def format_texts(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield a row for each spoken text, with all that Whisper heard on any platform."""
    heard = dict[tuple[str, str], set[str]]()
    for recording in (recording for result in results for recording in result["recordings"]):
        heard.setdefault((recording["name"], recording["text"]), set()).add(recording.get("heard", "?"))
    for (name, text), transcripts in heard.items():
        yield f"| {name} | {text} | {'<br>'.join(sorted(transcripts))} |"


if __name__ == "__main__":
    sys.exit(main())
