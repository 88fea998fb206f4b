from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from wyoming_kokoro import Pcm, encode_flac
from wyoming_kokoro_redis.sealing import HEADER, MAX_SAMPLES, _digest, seal, unseal

VALUE = seal("name", np.arange(2000, dtype=np.int16), 0.5)


@given(arrays.arrays(np.int16, some.integers(0, 5000)), some.floats(0, 3600, width=32))
def test_recording_is_bit_exact(pcm: Pcm, cost: float) -> None:
    found, found_cost = unseal("name", seal("name", pcm, cost))
    np.testing.assert_array_equal(found, pcm)
    assert found_cost == cost


@given(some.binary(max_size=100))
def test_foreign_value_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="digest"):
        unseal("name", value)


@given(some.integers(0, len(VALUE) - 1), some.integers(1, 255))
def test_changed_byte_is_refused(position: int, change: int) -> None:
    value = bytearray(VALUE)
    value[position] ^= change
    with pytest.raises(ValueError, match="digest"):
        unseal("name", bytes(value))


@given(some.integers(0, len(VALUE) - 1))
def test_truncated_value_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="digest"):
        unseal("name", VALUE[:size])


def test_number_of_samples_limits_what_is_decoded() -> None:
    """A short FLAC file can contain hours of silence."""
    content = HEADER.pack(0.5, 1000) + encode_flac(np.zeros(10_000_000, dtype=np.int16))
    assert len(unseal("name", _digest("name", content) + content)[0]) == 1000
    content = HEADER.pack(0.5, MAX_SAMPLES + 1) + content[HEADER.size :]
    with pytest.raises(ValueError, match="too long"):
        unseal("name", _digest("name", content) + content)


def test_value_of_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="digest"):
        unseal("other", VALUE)
