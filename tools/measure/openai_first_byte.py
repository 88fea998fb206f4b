"""Measures the time from a request to the first byte of sound, of our speech API and of another server, in turns.

    python -m tools.measure.openai_first_byte http://127.0.0.1:8880 [OTHER_URL] [--rounds 12] [--formats mp3 pcm]

Each round speaks a new text of 28 and one of 221 phonemes in each format, so that no cache helps. Start our server with
`[voice] quality = "full"` to compare the same model. PCM shows what the encoder adds. Headers are no sound. The other
server speaks MP3.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import time
from urllib.parse import urlsplit

# The bytes before the first frame.
HEADER_BYTES = {"opus": 869, "flac": 86, "wav": 44}
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SHORT = "The front door {0} is unlocked."
LONG = (
    "The washing machine {0} has finished, the lights in the living room are still on, and the temperature outside"
    " will fall below zero tonight, so please close all windows, water the plants {0} times and charge the car before"
    " you go to bed."
)


def main() -> int:
    """Run all rounds and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours")
    parser.add_argument("other", nargs="?")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--formats", nargs="+", default=["mp3", "pcm"], metavar="FORMAT")
    options = parser.parse_args()
    runs = [(f"ours, {form}", options.ours, form) for form in options.formats]
    if options.other:
        runs.append(("other, mp3", options.other, "mp3"))
    seconds: dict[tuple[str, str], list[float]] = {}
    for number in range(options.rounds):
        for size, text in (("28 phonemes", SHORT), ("221 phonemes", LONG)):
            for place, (name, url, form) in enumerate(runs):
                # Another word for each run, so that ours does not play the phrase that it has just cached.
                word = f"{NUMBERS[number % 12]} {NUMBERS[(number // 12 + place * 5) % 12]}"
                first = time_first_byte(url, text.format(word), form)
                if number:
                    seconds.setdefault((size, name), []).append(first)
    for (size, name), values in sorted(seconds.items()):
        print(
            f"{size:13} {name:11} median {1000 * statistics.median(values):6.0f} ms, best {1000 * min(values):6.0f} ms"
        )
    return 0


def time_first_byte(url: str, text: str, form: str) -> float:
    """Return the seconds until the first byte of sound."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    connection.connect()
    body = json.dumps({"model": "tts-1", "input": text, "voice": "af_heart", "response_format": form, "stream": True})
    started_at = time.perf_counter()
    connection.request("POST", "/v1/audio/speech", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise SystemExit(f"{url}: {response.status} {response.read()[:300]!r}")
    response.read(HEADER_BYTES.get(form, 0) + 1)
    elapsed = time.perf_counter() - started_at
    response.read()
    connection.close()
    return elapsed


if __name__ == "__main__":
    sys.exit(main())
