from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.decoding import parse_json, parse_toml

ANY_MESSAGE = r"\w"


def test_documents_are_decoded() -> None:
    assert parse_json(b'{"a": 1}', dict[str, int]) == {"a": 1}
    assert parse_toml(b"\xef\xbb\xbfa = 1\n") == {"a": 1}


# Without a brace, no bytes are an object.
@given(
    st.binary().filter(lambda content: b"{" not in content)
    | st.sampled_from([b"[" * 100_000, b'{"a":' * 100_000, b"\xff", b'{"a": NaN}'])
)
def test_damaged_json_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=ANY_MESSAGE):
        parse_json(content, dict[str, Any])


@pytest.mark.parametrize("content", [b"a = " + b"[" * 100_000, b"a = " + b"9" * 5000, b"a = '\xe4'", b"a = 2026-13-45"])
def test_damaged_toml_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=ANY_MESSAGE):
        parse_toml(content)
