"""Every format is decodable, complete, and as long as the samples."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.encoded_audio import decoded_seconds
from wyoming_kokoro.http.connections import STALL_TIMEOUT_SECONDS
from wyoming_kokoro_openai.encoders import FORMATS, StreamSink, TailTrimmer, wav_header

RATES = [(name, rate) for name, known in FORMATS.items() if name != "pcm" for rate in known.rates]


def tone(seconds: float, rate: int, tail_seconds: float = 0.1) -> bytes:
    time = np.arange(int(seconds * rate)) / rate
    samples = (8000 * np.sin(2 * np.pi * 220 * time)).astype(np.int16)
    return samples.tobytes() + bytes(2 * int(tail_seconds * rate))


def encode(name: str, rate: int, pcm: bytes, chunk_seconds: float = 0.05) -> list[bytes]:
    encoder = FORMATS[name].create(rate)
    size = 2 * int(chunk_seconds * rate)
    parts = [encoder.encode(pcm[at : at + size]) for at in range(0, len(pcm), size)]
    return [*parts, encoder.finish()]


@pytest.mark.parametrize(("name", "rate"), RATES)
def test_decoded_audio_is_as_long_as_the_samples(name: str, rate: int) -> None:
    pcm = tone(2.9, rate)
    assert decoded_seconds(b"".join(encode(name, rate, pcm))) == pytest.approx(len(pcm) / 2 / rate, rel=0.01)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "flac"])
def test_first_bytes_leave_with_the_first_samples(name: str) -> None:
    """FLAC has frames of 170 ms."""
    first = next(part for part in encode(name, 24_000, tone(1, 24_000), 0.1))
    assert len(first) > 100


@pytest.mark.parametrize("name", FORMATS)
def test_audio_leaves_while_it_is_encoded(name: str) -> None:
    parts = encode(name, 24_000, tone(4, 24_000), 0.2)
    assert sum(map(len, parts[:10])) > 0.4 * sum(map(len, parts))


@pytest.mark.parametrize("name", FORMATS)
def test_player_that_reads_a_large_buffer_at_once_is_not_taken_for_gone(name: str) -> None:
    """A client with asyncio reads 256 kB at once."""
    noise = np.random.default_rng(0).normal(0, 2000, 4 * 24_000).astype(np.int16).tobytes()
    bytes_per_second = len(b"".join(encode(name, 24_000, noise))) / 4
    assert 256 * 1024 / bytes_per_second < STALL_TIMEOUT_SECONDS / 2


@pytest.mark.parametrize("name", FORMATS)
def test_encoder_can_be_closed_at_any_time(name: str) -> None:
    encoder = FORMATS[name].create(24_000)
    encoder.encode(tone(0.3, 24_000))
    encoder.close()
    encoder.encode(tone(0.3, 24_000))
    encoder.close()


@pytest.mark.parametrize("name", FORMATS)
def test_silence_and_nothing_can_be_encoded(name: str) -> None:
    assert decodable(name, b"".join(encode(name, 24_000, bytes(2 * 1920))))
    encode(name, 24_000, b"")


def decodable(name: str, data: bytes) -> bool:
    return name == "pcm" or decoded_seconds(data) > 0


def test_mp3_has_a_constant_bit_rate_and_no_frame_without_sound_at_its_start() -> None:
    data = b"".join(encode("mp3", 24_000, tone(3, 24_000)))
    assert data[:2] == b"\xff\xf3"
    assert b"Xing" not in data
    assert b"Info" not in data
    # Frames of 24 ms at 64 kbit/s.
    assert [data[at : at + 2] for at in range(0, len(data), 192)] == [b"\xff\xf3"] * (len(data) // 192)


def test_python_reads_the_wav_stream_to_its_end() -> None:
    with wave.open(io.BytesIO(wav_header(24_000) + bytes(480))) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (24_000, 1, 2)
        assert wav.readframes(10**9) == bytes(480)


def test_sink_ignores_what_replaces_a_header() -> None:
    sink = StreamSink()
    sink.write(b"header")
    assert sink.take() == b"header"
    sink.write(b"body")
    sink.seek(0)
    sink.write(b"HEADER")
    sink.seek(0, io.SEEK_END)
    sink.write(b"end")
    assert sink.take() == b"bodyend"
    assert sink.tell() == len(b"headerbodyend")


@given(st.lists(st.lists(st.sampled_from([0, 0, 1, -1, 256])), max_size=8), st.integers(0, 5))
def test_trimmed_samples_lack_only_silence_at_the_end(chunks: list[list[int]], limit: int) -> None:
    trimmer = TailTrimmer(limit)
    pcm = b"".join(np.array(chunk, np.int16).tobytes() for chunk in chunks)
    trimmed = b"".join(trimmer.feed(np.array(chunk, np.int16).tobytes()) for chunk in chunks)
    assert pcm.startswith(trimmed)
    rest = pcm[len(trimmed) :]
    assert len(rest) <= 2 * limit
    assert not any(rest)
