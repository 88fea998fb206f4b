"""Transcribe the recordings with Whisper, and add what it heard to `results.json`.

    PYTHON_WITH_FASTER_WHISPER tools/platforms/hear.py OUT/recordings WHISPER_MODEL

Needs faster-whisper, jiwer and a model folder. The error is that of words, and of characters in Japanese and Chinese.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from pathlib import Path

RESULTS = Path(__file__).with_name("results.json")
WITHOUT_SPACES = {"ja", "zh"}


def main() -> int:
    """Transcribe the recordings that the results name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="RECORDINGS", help="the folder `recordings` of OUT")
    parser.add_argument("model", metavar="WHISPER_MODEL")
    options = parser.parse_args()
    import jiwer  # type: ignore[import-not-found]  # noqa: PLC0415
    from faster_whisper import WhisperModel  # type: ignore[import-not-found]  # noqa: PLC0415

    whisper = WhisperModel(options.model, device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    # Many platforms speak exactly the same samples.
    heard: dict[tuple[bytes, str], str] = {}
    results = json.loads(RESULTS.read_text("utf-8"))
    for result in results:
        for recording in result["recordings"]:
            file, language = options.folder / result["name"] / f"{recording['name']}.wav", recording["language"]
            if not file.exists():
                continue
            key = file.read_bytes(), language
            if key not in heard:
                segments, _ = whisper.transcribe(str(file), language=language, beam_size=5, without_timestamps=True)
                heard[key] = " ".join(segment.text.strip() for segment in segments)
            error = jiwer.cer if language in WITHOUT_SPACES else jiwer.wer
            rate = error(plain(recording["text"], language), plain(heard[key], language))
            recording |= {"heard": heard[key], "error_percent": round(100 * rate, 1)}
            print(f"{result['name']:28} {recording['name']:8} {rate:6.1%} {heard[key]}", flush=True)
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def plain(text: str, language: str) -> str:
    """Return lower-case words without punctuation, or only characters where the language has no spaces."""
    kept = "".join(character if unicodedata.category(character)[0] in "LMN" else " " for character in text.lower())
    return ("" if language in WITHOUT_SPACES else " ").join(kept.split())


if __name__ == "__main__":
    sys.exit(main())
