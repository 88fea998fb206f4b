"""Measure the time from text to phonemes in each language: segmentation, text filters and the phonemizer.

    nice -n -5 python -m tools.measure.front_end_time [--repeats N] [--language LANGUAGE] [--filters]

No text is cached. Each time is the shortest of all repeats, because other programs only make it longer.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import time
from collections.abc import Callable, Mapping, Sequence

from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.config import Config, MarkupConfig
from wyoming_kokoro.markup.interpreter import VoiceFinder
from wyoming_kokoro.markup.stream import MarkupStream
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.terminal import format_table
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.text.pronunciation import find_phonemizers, find_readers
from wyoming_kokoro.types import Voice

SENTENCES = {
    "en-US": "Turned on the hall light and set the heater to 21.5 °C for the night, Anna.",
    "en-GB": "Turned on the hall light and set the heater to 21.5 °C for the night, Anna.",
    "es": "Encendí la luz del salón y puse la calefacción a 21,5 °C para la noche, Ana.",
    "fr-FR": "J'ai allumé la lampe du salon et réglé le chauffage sur 21,5 °C pour la nuit.",
    "hi": "मैंने कमरे की बत्ती जला दी है और रात के लिए हीटर 21.5 °C पर रख दिया है।",
    "it": "Ho acceso la luce del salotto e ho messo il riscaldamento a 21,5 °C, Anna.",
    "ja": "リビングの照明をつけて、夜のために暖房を21.5℃に設定しておきました。",
    "pt-BR": "Acendi a luz da sala e coloquei o aquecedor em 21,5 °C para a noite, Ana.",
    "zh-CN": "我已经打开了客厅的灯，并把今晚的暖气设置到了21.5度，请放心。",
}
"""Sentences of about 81 phonemes."""
LONG_TEXT_CHARACTERS = 2000
HEAD = ("language", "phonemes", "sentence, ms", f"{LONG_TEXT_CHARACTERS:,} characters, ms", "of it segmentation, ms")


def main() -> None:
    """Measure the languages and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=30, metavar="N", help="default: 30")
    parser.add_argument("--language", action="append", choices=SENTENCES, help="default: all that are installed")
    parser.add_argument("--filters", action="store_true", help="print the time of each text filter in the long text")
    options = parser.parse_args()
    plugins = PluginManager.load(Config())
    readers = find_readers(find_phonemizers(published_voices(builtin_styles().names), plugins), plugins)
    filters = sorted(plugins.text_filters(), key=lambda item: item.order)
    languages = options.language or [language for language in SENTENCES if language in readers]
    rows = [asyncio.run(measure_language(language, filters, readers, options.repeats)) for language in languages]
    print(format_table(HEAD, rows))
    for language in languages if options.filters else ():
        print(format_table((f"filter, {language}", "ms"), measure_filters(language, filters, options.repeats)))


async def measure_language(
    language: str, filters: Sequence[TextFilter], readers: Mapping[str, Phonemizer], repeats: int
) -> list[str]:
    """Return the row of `language`."""
    text = make_long_text(language)
    sentence_times, long_times, phonemes = [], [], ""
    for _ in range(repeats):
        # A new pipeline remembers no text.
        pipeline = TextPipeline(filters, readers, NullPhraseCache(), "")
        await pipeline.load(language)
        started = time.perf_counter()
        phonemes = await pipeline.phonemize(SENTENCES[language], language)
        sentence_times.append(time.perf_counter() - started)
        started = time.perf_counter()
        for segment in cut(text, language):
            await pipeline.phonemize(segment, language)
        long_times.append(time.perf_counter() - started)
        await pipeline.close()
    segmentation = measure(lambda: cut(text, language), repeats)
    times = (min(sentence_times), min(long_times), segmentation)
    return [language, str(len(phonemes)), *(f"{1000 * seconds:.2f}" for seconds in times)]


def measure_filters(language: str, filters: Sequence[TextFilter], repeats: int) -> list[list[str]]:
    """Return a row for each filter of `language`, the slowest first."""
    texts = cut(make_long_text(language), language)
    times = {}
    for item in filters:
        if item.is_for(language):
            times[item.name] = measure(lambda item=item, texts=texts: [item.apply(text) for text in texts], repeats)  # type: ignore[misc]
            texts = [item.apply(text) for text in texts]
    return [[name, f"{1000 * times[name]:.2f}"] for name in sorted(times, key=times.__getitem__, reverse=True)]


def make_long_text(language: str) -> str:
    """Return text with Markdown in which no sentence repeats."""
    sentences = (SENTENCES[language].replace("21", str(number)) for number in range(LONG_TEXT_CHARACTERS))
    lines = (f"{sentence}\n\n- **{next(sentences)}**\n" for sentence in sentences)
    return "".join(itertools.islice(lines, LONG_TEXT_CHARACTERS // len(SENTENCES[language])))[:LONG_TEXT_CHARACTERS]


def cut(text: str, language: str) -> list[str]:
    """Return the segments of `text`."""
    style = Style(Voice("voice", language, "Voice"))
    stream = MarkupStream(style, VoiceFinder(lambda *_: None, lambda *_: None), MarkupConfig())
    stream.feed(text)
    stream.finish()
    return [segment.text for segment in iter(stream.segmenter.take_sentence, None)]


def measure(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest time of `work`, in seconds."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


if __name__ == "__main__":
    main()
