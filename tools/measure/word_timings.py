"""Compares word timings with those of Whisper, in two steps with an environment each.

    python -m tools.measure.word_timings record OUT [--quality distilled] [--speed 0.5]
    PYTHON_WITH_FASTER_WHISPER tools/measure/word_timings.py compare OUT WHISPER_MODEL

The first step writes `NN.wav` and `NN.json` for 20 sentences. The second one needs faster-whisper and a model folder.
It prints the error of the begin and the end of each word that both have, the constant shift between the two, and the
drift: the slope of the error over the time, in milliseconds per second. The last words' ends do not count: Whisper puts
them 85 to 275 ms before the end of the sound.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import json
import statistics
import sys
import wave
from dataclasses import replace
from pathlib import Path

SENTENCES = (
    "The front door is unlocked, and the lights in the living room are on.",
    "Dinner will be ready in twenty minutes, so please wash your hands.",
    "It is raining outside, but the weather will be better tomorrow afternoon.",
    "The washing machine has finished, and the dryer is still running.",
    "Your next appointment is at the dentist on Wednesday morning.",
    "A neighbour rang the doorbell while you were working in the garden.",
    "The temperature in the bedroom is 21.3 °C, and the humidity is 45%.",
    "I turned off the lights, closed the blinds and locked the back door.",
    "Good morning! Today is a sunny day with a light breeze from the west.",
    "The battery of the motion sensor in the hallway is almost empty.",
    "There are 3 new messages, and 12 unread articles are waiting for you.",
    "Remember to take out the trash before you leave the house tonight.",
    "The music in the kitchen was paused because the phone was ringing.",
    "Once upon a time, there was a small village at the edge of a large forest.",
    "The children walked along the river until they found the old wooden bridge.",
    "Please charge the car tonight, since electricity is cheap after midnight.",
    "The robot vacuum is stuck under the sofa and needs your help.",
    "He opened the window, looked at the stars and listened to the quiet street.",
    "Although the train was late, we arrived at the theatre before the curtain rose.",
    "The oven has reached the right temperature, so you can put the bread inside.",
)


def main() -> int:
    """Run the step that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(required=True)
    step = steps.add_parser("record")
    step.add_argument("folder", type=Path)
    step.add_argument("--quality", choices=["full", "distilled"], default="full")
    step.add_argument("--voice", default="af_heart")
    step.add_argument("--speed", type=float, default=1.0)
    step.set_defaults(run=lambda options: asyncio.run(record(options)))
    step = steps.add_parser("compare")
    step.add_argument("folder", type=Path)
    step.add_argument("model")
    step.set_defaults(run=lambda options: compare(options.folder, options.model))
    options = parser.parse_args()
    options.run(options)
    return 0


async def record(options: argparse.Namespace) -> None:
    """Write the recordings and the timings."""
    # The environment of Whisper lacks the server.
    from wyoming_kokoro.api.speech_models import WordTiming  # noqa: PLC0415
    from wyoming_kokoro.backend import open_backend  # noqa: PLC0415
    from wyoming_kokoro.config import Config  # noqa: PLC0415
    from wyoming_kokoro.plugins.manager import PluginManager  # noqa: PLC0415
    from wyoming_kokoro.subtitles import format_json  # noqa: PLC0415

    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 nothing else runs on this loop
    config = Config(plugins={name: {"enabled": False} for name in ("zeroconf", "warmup", "phrase_cache")})
    config = replace(config, voice=replace(config.voice, quality=options.quality, speed=options.speed))
    async with open_backend(config, PluginManager.load(config)) as backend:
        for number, text in enumerate(SENTENCES):
            words: list[WordTiming] = []
            utterance = backend.tts.utterance(options.voice, on_words=words.extend)
            utterance.feed(text)
            utterance.finish()
            pcm = b"".join([chunk async for chunk in utterance.pcm()])
            (folder / f"{number:02}.json").write_text(format_json(words), "utf-8")
            with wave.open(str(folder / f"{number:02}.wav"), "wb") as wav:
                wav.setparams((1, 2, utterance.rate, 0, "NONE", ""))
                wav.writeframes(pcm)


def compare(folder: Path, model: str) -> None:
    """Print the differences."""
    from faster_whisper import WhisperModel  # type: ignore[import-not-found]  # noqa: PLC0415

    whisper = WhisperModel(model, device="cpu", compute_type="int8", local_files_only=True)
    begins: list[tuple[float, float]] = []
    ends: list[tuple[float, float]] = []
    for file in sorted(folder.glob("*.json")):
        ours = json.loads(file.read_text("utf-8"))
        segments, _ = whisper.transcribe(
            str(file.with_suffix(".wav")), language="en", beam_size=5, word_timestamps=True
        )
        theirs = [word for segment in segments for word in segment.words]
        pairs = difflib.SequenceMatcher(
            None, [_plain(word["word"]) for word in ours], [_plain(word.word) for word in theirs], autojunk=False
        )
        for match in pairs.get_matching_blocks():
            for offset in range(match.size):
                mine, other = ours[match.a + offset], theirs[match.b + offset]
                begins.append((other.start, mine["start_time"] - other.start))
                if mine is not ours[-1]:
                    ends.append((other.end, mine["end_time"] - other.end))
    for name, errors in (("begin", begins), ("end", ends)):
        shift = statistics.median(error for _, error in errors)
        absolute = sorted(abs(error) for _, error in errors)
        rest = sorted(abs(error - shift) for _, error in errors)
        # The first word begins with the recording, without any error.
        slope = statistics.linear_regression(*zip(*(error for error in errors if error[0] > 0.5), strict=True)).slope
        print(
            f"{name:5} of {len(errors)} words: median error {1000 * statistics.median(absolute):.0f} ms, 90 % below"
            f" {1000 * absolute[int(0.9 * len(absolute))]:.0f} ms; constant shift {1000 * shift:+.0f} ms,"
            f" without it {1000 * statistics.median(rest):.0f} ms; drift {1000 * slope:+.1f} ms/s"
        )


def _plain(word: str) -> str:
    return "".join(character for character in word.lower() if character.isalnum() or character == "%")


if __name__ == "__main__":
    sys.exit(main())
