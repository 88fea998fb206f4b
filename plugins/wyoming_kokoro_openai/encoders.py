"""Encodes audio while it is synthesized. Nothing that was written is changed later."""

from __future__ import annotations

import importlib.util
import io
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

SAMPLE_BYTES = 2
ALL_RATES = (8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
# MPEG-1 and MPEG-2. At lower rates, MP3 has other bit rates, and the frames of AAC are long.
MPEG_RATES = ALL_RATES[1:]
OPUS_RATES = (8000, 16_000, 24_000, 48_000)

MP3_KILOBITS = 64
# How long LAME delays the sound.
MP3_DELAY_SAMPLES = 1105
# The bytes of a page leave when it has this much audio. The default of libsndfile is a second.
OPUS_PAGE_MS = 50.0
# Command of libsndfile, from sndfile.h.
SFC_SET_OGG_PAGE_LATENCY_MS = 0x1302
AAC_BITS = 64_000
AAC_DELAY_SAMPLES = AAC_FRAME_SAMPLES = 1024


class Encoder(Protocol):
    """Encodes one stream of 16-bit mono samples. Its methods block, and run on any thread, one at a time."""

    def encode(self, pcm: bytes) -> bytes:
        """Return the bytes that are complete after `pcm`."""

    def finish(self) -> bytes:
        """Return the rest."""

    def close(self) -> None:
        """Free all memory. May be called twice, and instead of `finish`."""


class PcmEncoder:
    """Returns the samples, after a header."""

    def __init__(self, header: bytes = b"") -> None:
        self._header = header

    def encode(self, pcm: bytes) -> bytes:
        """Return the samples."""
        header, self._header = self._header, b""
        return header + pcm

    def finish(self) -> bytes:
        """Return nothing."""
        return b""

    def close(self) -> None:
        """Do nothing."""


def wav_header(rate: int) -> bytes:
    """Return the header of a WAV stream without an end, which players know by the largest size."""
    return (
        b"RIFF\xff\xff\xff\xffWAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * SAMPLE_BYTES, SAMPLE_BYTES, 8 * SAMPLE_BYTES)
        + b"data\xff\xff\xff\xff"
    )


class StreamSink(io.RawIOBase):
    """A file that passes on what is appended, and ignores what is written anywhere else."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._position = self._size = 0

    def take(self) -> bytes:
        """Return what was appended since the last call."""
        data = bytes(self._data)
        self._data.clear()
        return data

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Append `data`, or ignore it if it would replace a header."""
        content = bytes(data)
        if self._position == self._size:
            self._data += content
            self._size += len(content)
        self._position += len(content)
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place that was passed on already, or to the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """Return the place of the next write."""
        return self._position


class TailTrimmer:
    """Holds back silence at the end, so that it can be left out for what an encoder adds."""

    def __init__(self, samples: int) -> None:
        self._limit = samples * SAMPLE_BYTES
        self._held = b""

    def feed(self, pcm: bytes) -> bytes:
        """Return the samples that are not the last silence, which has at most the length of the limit."""
        pcm = self._held + pcm
        sounding = len(pcm.rstrip(b"\0"))
        sounding += sounding % SAMPLE_BYTES
        end = max(sounding, len(pcm) - self._limit)
        self._held = pcm[end:]
        return pcm[:end]


class SoundFileEncoder:
    """Encodes with libsndfile."""

    def __init__(self, kind: str, subtype: str, rate: int, **options: Any) -> None:
        import soundfile  # noqa: PLC0415 takes 50 ms

        self._lock = threading.Lock()
        self._sink = StreamSink()
        self._soundfile = soundfile
        self._file = soundfile.SoundFile(self._sink, "w", rate, 1, subtype, format=kind, **options)

    def encode(self, pcm: bytes) -> bytes:
        """Return the bytes that are complete after `pcm`."""
        with self._lock:
            if not self._file.closed:
                self._file.write(np.frombuffer(pcm, np.int16))
            return self._sink.take()

    def finish(self) -> bytes:
        """Return the rest."""
        self.close()
        return self._sink.take()

    def close(self) -> None:
        """Free all memory."""
        # A cancelled request may close the file while a thread encodes.
        with self._lock:
            self._file.close()


class FlacEncoder(SoundFileEncoder):
    """Encodes FLAC in blocks of 1152 samples, of which VLC drops the last one of a stream."""

    def __init__(self, rate: int) -> None:
        # The highest level with such short blocks. Higher ones have 4096 samples.
        super().__init__("FLAC", "PCM_16", rate, compression_level=0.25)


class OpusEncoder(SoundFileEncoder):
    """Encodes Opus in Ogg, in short pages."""

    def __init__(self, rate: int) -> None:
        super().__init__("OGG", "OPUS", rate)
        # The module has no function for this command.
        milliseconds = self._soundfile._ffi.new("double*", OPUS_PAGE_MS)
        self._soundfile._snd.sf_command(self._file._file, SFC_SET_OGG_PAGE_LATENCY_MS, milliseconds, 8)


class Mp3Encoder(SoundFileEncoder):
    """Encodes MP3 at a constant bit rate."""

    def __init__(self, rate: int) -> None:
        is_mpeg1 = rate >= 32_000
        least, most = (32, 320) if is_mpeg1 else (8, 160)
        # libsndfile turns the level into a bit rate between the limits of the format.
        level = (most - MP3_KILOBITS) / (most - least)
        super().__init__("MP3", "MPEG_LAYER_III", rate, bitrate_mode="CONSTANT", compression_level=level)
        # LAME adds its delay and fills the last frame: 1244 to 1819 samples at 24 kHz, 1344 to 2219 at 48 kHz.
        self._trimmer = TailTrimmer(1770 if is_mpeg1 else 1530)
        self._start: bytes | None = b""

    def encode(self, pcm: bytes) -> bytes:
        """Return the frames that are complete after `pcm`."""
        return self._without_info_frame(super().encode(self._trimmer.feed(pcm)))

    def finish(self) -> bytes:
        """Return the last frames."""
        return self._without_info_frame(super().finish())

    def _without_info_frame(self, data: bytes) -> bytes:
        """Remove the first frame, in which libsndfile would write the length at the end. It has only zeros so far."""
        if self._start is None:
            return data
        self._start += data
        rest = self._start[4:].lstrip(b"\0")
        if not rest:
            return b""
        is_empty = len(self._start) - 4 - len(rest) > 32
        start, self._start = self._start, None
        return rest if is_empty else start


class AacEncoder:
    """Encodes AAC in ADTS frames with FFmpeg."""

    def __init__(self, rate: int) -> None:
        import av  # noqa: PLC0415 an extra

        self._lock = threading.Lock()
        self._sink = StreamSink()
        self._frame_type = av.AudioFrame
        self._container: Any = av.open(self._sink, "w", format="adts")
        self._stream: Any = self._container.add_stream("aac", rate=rate)
        self._stream.layout = "mono"
        self._stream.bit_rate = AAC_BITS
        self._rate = rate
        self._samples = 0
        # The last frame is filled. On average, this makes the whole no longer.
        self._trimmer = TailTrimmer(AAC_DELAY_SAMPLES + AAC_FRAME_SAMPLES // 2)

    def encode(self, pcm: bytes) -> bytes:
        """Return the frames that are complete after `pcm`."""
        with self._lock:
            pcm = self._trimmer.feed(pcm)
            if pcm and self._container:
                frame = self._frame_type.from_ndarray(np.frombuffer(pcm, np.int16)[None], format="s16", layout="mono")
                frame.sample_rate = self._rate
                frame.pts = self._samples
                self._samples += frame.samples
                self._container.mux(self._stream.encode(frame))
            return self._sink.take()

    def finish(self) -> bytes:
        """Return the last frames."""
        with self._lock:
            self._container.mux(self._stream.encode(None))
        self.close()
        return self._sink.take()

    def close(self) -> None:
        """Free all memory."""
        with self._lock:
            if self._container:
                self._container.close()
            self._container = None


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A format that clients can request."""

    content_type: str
    create: Callable[[int], Encoder]
    """Returns an encoder for a sample rate. The first call imports a package."""
    rates: Sequence[int] = ALL_RATES
    delay_samples: int = 0
    """How much later than in the samples a sound is in a decoder's output."""
    package: str = ""
    """The optional package that it needs."""

    @property
    def unavailable_reason(self) -> str:
        """Why the format cannot be encoded; empty if it can."""
        if not self.package or importlib.util.find_spec(self.package):
            return ""
        return f"this server lacks the package {self.package}; install wyoming-kokoro[openai], or use another format"


FORMATS: Mapping[str, AudioFormat] = MappingProxyType(
    {
        "mp3": AudioFormat("audio/mpeg", Mp3Encoder, MPEG_RATES, MP3_DELAY_SAMPLES),
        "opus": AudioFormat("audio/ogg", OpusEncoder, OPUS_RATES),
        "aac": AudioFormat("audio/aac", AacEncoder, MPEG_RATES, AAC_DELAY_SAMPLES, package="av"),
        "flac": AudioFormat("audio/flac", FlacEncoder),
        "wav": AudioFormat("audio/wav", lambda rate: PcmEncoder(wav_header(rate))),
        "pcm": AudioFormat("audio/pcm", lambda _: PcmEncoder()),
    }
)
