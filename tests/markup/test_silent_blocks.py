"""Reasoning, code blocks and comments, which are not spoken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.text.markup import markup_stream
from tests.helpers.text.segmentation import divide
from wyoming_kokoro.markup.silent_blocks import SilentBlocks


def read(deltas: list[str]) -> str:
    blocks = SilentBlocks()
    return "".join([*(blocks.feed(delta) for delta in deltas), blocks.finish()])


SILENT = (
    "<think>It asks.</think>",
    "<think>\nIt asks.\n\nI look, e.g. here.\n</think>\n\n",
    "<think></think>",
    '<Thinking mode="deep > or not">It asks.</Thinking>'.replace(" > ", " "),
    "<thought>It asks.</thought>",
    "<reasoning>It < asks.</reasoning >",
    "<reflection>It asks.</reflection>",
    "<seed:think>It asks.</seed:think>",
    '<details type="reasoning" done="true" duration="3">\n<summary>Thought</summary>\n> It asks.\n</details>\n',
    "[THINK]It [asks].[/THINK]",
    "◁think▷It asks.◁/think▷",
    "<unused94>thought\nIt asks.<unused95>",
    "<|START_THINKING|>It asks.<|END_THINKING|>",
    "<|begin_of_thought|>It asks.<|end_of_thought|>",
    "<|channel|>analysis<|message|>It asks.<|end|>",
    "<|channel>thought\nIt asks.<channel|>",
    "<|channel|>commentary to=functions.turn_on<|message|>{}<|call|>",
    '<tool_call>\n{"name": "HassTurnOn"}\n</tool_call>\n',
    "<!-- It asks. It is. -->",
    "<script>alert('It asks.')</script>",
    "```yaml\nlight:\n  - platform: mqtt\n```\n",
    "````\n```yaml\nlight: `on`\n```\n{}````\n",
    "~~~python\nlight.turn_on()\n~~~\n",
    "```\n$ sudo reboot\n```\n",
)
SPOKEN = (
    "It is on. ", "5 < 6, ", "a <b>lamp</b> ", "I <3 it ", "`light` ", "```light.hall``` ", "~5 °C ", "~~off~~ ",
    "[think] ", "<thinker> ", "[THIN ", "analysis ", "◁ ", "\n", "\n\n", "``", "<|im_start|>assistant ", "<thi",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from([*SILENT, *SPOKEN]), max_size=6).map("".join)
POSITIONS = st.lists(st.integers(0, 10_000))


@pytest.mark.parametrize("block", SILENT)
@pytest.mark.parametrize("before", ["", "Sure. ", "Sure.\n"])
def test_block_is_silent_in_any_deltas(block: str, before: str) -> None:
    text = f"{before}{block}It is on."
    assert read([text]).split() == f"{before}It is on.".split()
    assert read(list(text)) == read([text])


@pytest.mark.parametrize("text", SPOKEN)
def test_other_text_is_unchanged(text: str) -> None:
    assert read([text]) == read(list(text)) == text


@given(TEXTS, POSITIONS)
def test_spoken_text_does_not_depend_on_the_deltas(text: str, positions: list[int]) -> None:
    assert read(divide(text, positions)) == read(list(text)) == read([text])


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("<think>It asks. It", ""),
        ("It is on. <|channel|>analysis<|message|>It", "It is on."),
        ("<|channel|>analysis<|message|>It asks.<|channel|>final<|message|>It is on.", "<|message|>It is on."),
        ("```yaml\nlight:", ""),
        ("analysisIt asks.assistantfinalIt is on.", "It is on."),
        ("The analysisIt", "The analysisIt"),
        ("```\nDear Anna,\n\nI am late.\n```\nDone", "Dear Anna, I am late. Done"),
        ("```markdown\nI am late.\n```", "I am late."),
        ("```\nIt is on.", "It is on."),
        ("Run ```sudo reboot```\nnow, please.\nIt is on.", "Run ```sudo reboot``` now, please. It is on."),
        ("See <!-- not closed. It is on", "See not closed. It is on"),
        ("<think/>It is on.", "<think/>It is on."),
        ("<think>It asks.</think> <think>Again.</think>It is on.", "It is on."),
    ],
)
def test_block_without_end_or_with_plain_text(text: str, spoken: str) -> None:
    assert read([text]).split() == spoken.split()
    assert read(list(text)) == read([text])


def test_tags_in_a_block_have_no_effect_and_ssml_follows_it() -> None:
    stream = markup_stream()
    for character in "<think>[pause:2s] [rate:2]</think><speak>It <break time='1s'/>is on.</speak>":
        stream.feed(character)
    stream.finish()
    segments = list(iter(stream.segmenter.take_sentence, None))
    assert [(segment.text, segment.pause_ms) for segment in segments] == [("It,", None), ("", 1000), ("is on.", None)]
