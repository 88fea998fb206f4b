"""The comparison with kokoro-onnx: what it computes, what it prints, and that it leaves no process behind."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from wyoming.event import async_read_event

from wyoming_kokoro.bench.compare import (
    TEXTS,
    Measure,
    Report,
    Row,
    bench,
    compared,
    measure,
    measured,
    page,
    phonemized,
)
from wyoming_kokoro.bench.plain_kokoro_onnx import lead
from wyoming_kokoro.bench.processes import Phrase, Timing, WyomingServer, alone, serving, toml
from wyoming_kokoro.config import Config, load
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.testing import FakeSynthesis, running_server

SHORT = Phrase("Hi.", "hˈaɪ.")
LONG = Phrase("A quick brown fox.", "ɐ kwˈɪk bɹˈaʊn fˈɑːks.")


class Scripted:
    """Takes one millisecond more each time, from `start` seconds on, and keeps a diary with others."""

    def __init__(self, name: str, start: float, diary: list[tuple[str, str]]) -> None:
        self.name = name
        self.seconds = start
        self.diary = diary

    def speak(self, phrase: Phrase) -> Timing:
        self.diary.append((self.name, phrase.text))
        self.seconds += 0.001
        return Timing(self.seconds, 0.05, 2 * self.seconds, 4.0)


# What is measured


def test_median_and_ratio() -> None:
    """One slow round does not count, and a ratio is ours by theirs."""
    assert measure([1.0, 9.0, 2.0], [4.0, 3.0, 90.0]) == Measure(2.0, 4.0, 0.5)


@pytest.mark.parametrize(
    ("samples", "seconds"),
    [([0.009, -0.02, 0.5], 1 / 24_000), ([0.5], 0.0), ([0.0, 0.01, -0.01], 3 / 24_000), ([], 0.0)],
)
def test_lead_is_what_comes_before_the_first_audible_sample(samples: list[float], seconds: float) -> None:
    """A sample is heard from above a hundredth of full scale on, whichever its sign."""
    assert lead(np.array(samples, np.float32)) == seconds


def test_timing_knows_when_the_first_sample_is_heard() -> None:
    timing = Timing(first=0.2, lead=0.05, total=0.5, seconds=2.0)
    assert (timing.audible, timing.rtf) == (0.25, 0.25)


def test_rivals_alternate_and_the_warm_up_does_not_count() -> None:
    diary: list[tuple[str, str]] = []
    rows = compared(Scripted("ours", 0.1, diary), Scripted("theirs", 0.2, diary), [SHORT, LONG], 3)
    orders = [(first[0], second[0]) for first, second in zip(diary[::2], diary[1::2], strict=True)]
    usual, swapped = ("ours", "theirs"), ("theirs", "ours")
    assert orders == [usual, usual, usual, swapped, swapped, usual, usual, swapped]
    assert [text for _, text in diary[::2]] == [SHORT.text, LONG.text] * 4
    assert [row.phonemes for row in rows] == [5, 22]
    # of the 8 turns the short phrase has the 1st for warming up, and then the 3rd, 5th and 7th
    assert rows[0].first.ours == pytest.approx(0.105)
    assert rows[0].audible.theirs == pytest.approx(0.255)
    assert rows[0].total.ratio == pytest.approx(0.105 / 0.205)
    assert rows[0].rtf.ours == pytest.approx(0.21 / 4)


def test_counts_of_phonemes_are_as_promised(config: Config) -> None:
    """The four texts are what they are said to be, for the plugins that speak here."""
    phrases = asyncio.run(phonemized(config, Plugins.load(config), TEXTS))
    counts = [len(phrase.phonemes) for phrase in phrases]
    assert all(abs(count - wanted) <= 2 for count, wanted in zip(counts, (12, 28, 81, 221), strict=True)), counts
    assert all("," not in text and text.count(".") == 1 for text in TEXTS)


# What is printed


def report() -> Report:
    row = Row("A quick brown fox jumps over it.", 28, *(Measure(0.25, 0.5, 0.5) for _ in range(4)))
    return Report(
        version="1",
        kokoro_onnx="2",
        onnxruntime="3",
        python="4",
        machine="Linux",
        processors=2,
        threads=2,
        voice="af_heart",
        model="m.onnx",
        sha256="ab",
        rounds=1,
        rows=[row],
        peak_bytes=Measure(4e8, 8e8, 0.5),
    )


def test_page_has_ours_theirs_and_ratio() -> None:
    lines = page(report()).splitlines()
    assert lines[0] == "wyoming-kokoro 1 / kokoro-onnx 2 = ratio, medians of 1 round"
    heads, row = lines[4:6]
    assert heads.split("  ")[0] == "phonemes"
    assert row.startswith("28        A quick brown fox jumps …")
    assert row.count("0.250 / 0.500 = 0.50") == 4
    assert row.index("0.250") == heads.index("TTFA")
    assert lines[-1] == "peak memory: 400 / 800 MB = 0.50"


# What it needs


def test_without_kokoro_onnx_nothing_is_started(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kokoro_onnx", None)
    before = psutil.Process().children()
    with pytest.raises(StartupError, match=r"needs Python < 3\.14"):
        measured(config, TEXTS, 1)
    assert psutil.Process().children() == before


def test_rounds_are_counted_from_one(config: Config) -> None:
    with pytest.raises(ConfigError, match=r"--rounds: must be at least 1"):
        bench(config, False, 0)


def test_configuration_survives_being_written(tmp_path: Path) -> None:
    """What the server of the comparison is told is what the owner has set."""
    given = Config(plugins={"files": {"a key": 'Stra"ße\n', "list": [1, 2.5, True], "deep": {"er": []}}})
    given = replace(given, plugins_required=("cpu",), voice=replace(given.voice, speed=1.25))
    file = tmp_path / "config.toml"
    file.write_text(toml(asdict(given)), "utf-8")
    assert load(file, {}, {}) == replace(given, where=str(file))


# A Wyoming server


async def test_a_server_is_heard_to_its_end() -> None:
    async with running_server(FakeSynthesis()) as listener:
        server = WyomingServer(f"tcp://127.0.0.1:{listener.addresses[0].port}")
        timing = await asyncio.to_thread(server.speak, SHORT)
    assert 0 < timing.first <= timing.total
    assert timing.seconds == pytest.approx(3 * 0.05 + 0.1, abs=0.02)  # three letters and the tail
    assert timing.lead < 0.01


async def test_an_error_of_the_server_is_told() -> None:
    async with running_server(FakeSynthesis()) as listener:
        server = WyomingServer(f"tcp://127.0.0.1:{listener.addresses[0].port}")
        with pytest.raises(StartupError, match=r"cannot speak: .*SSML"):
            await asyncio.to_thread(server.speak, Phrase("<speak>Hi</speak>", ""))


async def hung_up(answer: bytes) -> str:
    """Return the error about a server that sends `answer` and hangs up."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await async_read_event(reader)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(served, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(StartupError) as error:
            await asyncio.to_thread(WyomingServer(f"tcp://127.0.0.1:{port}").speak, SHORT)
    return str(error.value)


async def test_a_server_that_hangs_up_is_told() -> None:
    start = b'{"type":"audio-start","data":{"rate":24000,"width":2,"channels":1}}\n'
    assert "hangs up in the middle" in await hung_up(start)
    assert "nobody answers" in await hung_up(start + b'{"type":"audio-chunk","payload_length":9}\nabc')
    assert "sends no audio" in await hung_up(start + b'{"type":"audio-stop"}\n')


# The processes


@pytest.mark.model
def test_the_server_of_the_comparison_is_not_announced(config: Config) -> None:
    """Nobody at home is to find this server, not even where the owner insists on being found."""
    insisting = replace(config, plugins={"zeroconf": {"name": "Kitchen"}}, plugins_required=("zeroconf", "cpu"))
    status = {plugin.name: plugin.status for plugin in Plugins.load(alone(insisting)).loaded}
    assert (status["zeroconf"], status["cpu"]) == ("disabled", "active")
    with serving(insisting) as (server, _):
        assert server.speak(SHORT).seconds > 0.2


def test_report_can_be_json() -> None:
    read: dict[str, Any] = json.loads(json.dumps(asdict(report())))
    assert read["rows"][0]["rtf"] == {"ours": 0.25, "theirs": 0.5, "ratio": 0.5}
