from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro import read_checked, write_checked

CONTENT = {"rtf": 0.25, "é": 1.0}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state") / "new" / "file.json"


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_wrong_bit_is_a_value_error(file: Path, position: int, bit: int) -> None:
    write_checked(file, CONTENT)
    assert read_checked(file, dict[str, float]) == CONTENT
    content = bytearray(file.read_bytes())
    content[position % len(content)] ^= 1 << bit
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"\w"):
        read_checked(file, dict[str, float])


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b'{"checksum": "", "content": 1}', b"\xff"])
def test_another_file_is_a_value_error(file: Path, content: bytes) -> None:
    write_checked(file, CONTENT)
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"\w"):
        read_checked(file, dict[str, float])
