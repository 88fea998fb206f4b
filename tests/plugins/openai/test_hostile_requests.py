"""Any request is answered without an internal error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.servers.speech_api import LOG
from wyoming_kokoro.testing import FakeServer
from wyoming_kokoro_openai.api_keys import ApiKeys
from wyoming_kokoro_openai.context import ApiContext
from wyoming_kokoro_openai.errors import ApiError
from wyoming_kokoro_openai.settings import Settings
from wyoming_kokoro_openai.speech_request import SpeechRequest, parse_speech_request

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["input", "model", "voice", "response_format", "speed", "stream_format", "lang_code", "volume_multiplier", "stream"]
)
CONTEXT = ApiContext(FakeServer(), Settings(), ApiKeys(), LOG)


def parse(content: bytes) -> SpeechRequest | ApiError:
    try:
        return parse_speech_request(CONTEXT, content)
    except ApiError as error:
        return error if 400 <= error.status < 500 and json.dumps(error.body()) else pytest.fail(str(error.status))


@given(st.binary())
def test_any_bytes_are_an_error(content: bytes) -> None:
    assert isinstance(parse(content), ApiError)


@given(st.dictionaries(KEYS, VALUES), st.booleans())
def test_any_object_is_a_request_or_an_error(body: dict[str, Any], has_input: bool) -> None:
    parsed = parse(json.dumps({**body, **({"input": "hi"} if has_input else {})}).encode())
    if isinstance(parsed, SpeechRequest):
        assert parsed.text.strip()
        assert 0.25 <= parsed.style.speed <= 4
        assert 0 <= parsed.style.volume <= 4
        assert parsed.rate in parsed.audio_format.rates


@pytest.mark.parametrize("depth", [100, 1000, 100_000])
def test_deep_nesting_is_an_error(depth: int) -> None:
    assert isinstance(parse(b'{"input": "hi", "x": ' + b"[" * depth + b"]" * depth + b"}"), (ApiError, SpeechRequest))


@given(st.text())
def test_any_key_can_be_checked(key: str) -> None:
    assert not ApiKeys(["sekret"]).accept(f"Bearer wrong{key}")
