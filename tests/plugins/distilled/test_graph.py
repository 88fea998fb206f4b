from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from tests.helpers.distilled_graphs import spectral_graph, waveform_graph
from tests.helpers.onnx_graphs import run_graph
from wyoming_kokoro_distilled.graph import DecoderNotFound, UnknownGraph, cut, recognize
from wyoming_kokoro_distilled.synthesis import MAP_NAMES

FEEDS = {"ids": np.array([[0, 1, 2, 3, 2, 0]]), "speed": np.array([1.5], dtype=np.float32)}


def test_both_forms_are_recognized() -> None:
    assert recognize(spectral_graph()) == "spectral"
    assert recognize(waveform_graph()) == "waveform"


def test_graph_with_other_inputs_is_unknown() -> None:
    model = waveform_graph()
    model.graph.input[0].name = "tokens"
    with pytest.raises(UnknownGraph, match="inputs tokens, speed"):
        recognize(model)


def test_halves_equal_the_whole_graph() -> None:
    halves = cut(spectral_graph())
    front = run_graph(halves.front, FEEDS)
    maps = run_graph(halves.decoder, {"frames": front["frames"]})["maps"]
    whole = run_graph(spectral_graph(), FEEDS)
    np.testing.assert_allclose(maps[0].T, np.concatenate([whole[name][0] for name in MAP_NAMES]), rtol=1e-5)
    np.testing.assert_array_equal(front["f0"], whole["f0"])
    np.testing.assert_array_equal(front["energy"][0, 0], FEEDS["ids"][0] * 0.5)
    assert halves.receptive_frames == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"extra": "Softmax"}, "may mix frames: Softmax"),
        ({"stride": 2}, "changes the number of frames"),
        ({"is_bypassed": True}, "no convolution alone"),
    ],
)
def test_decoder_that_windows_would_change_is_not_cut(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DecoderNotFound, match=message):
        cut(spectral_graph(**changes))


def test_maps_that_are_not_parts_of_one_tensor_are_not_cut() -> None:
    model = spectral_graph()
    split = model.graph.node[-1]
    split.output[:] = ["other", *split.output[1:]]
    model.graph.node.append(onnx.helper.make_node("Neg", ["other"], ["lh"]))
    with pytest.raises(DecoderNotFound, match="not the parts of one tensor"):
        cut(model)


def test_real_graph_is_cut_without_its_names(heart_file: Path) -> None:
    model = onnx.load(heart_file)
    kept = {item.name for item in (*model.graph.input, *model.graph.output)}
    for node in model.graph.node:
        node.name = ""
        for names in (node.input, node.output):
            names[:] = [name if name in kept or not name else f"t{abs(hash(name))}" for name in names]
    for item in model.graph.initializer:
        item.name = f"t{abs(hash(item.name))}"
    halves = cut(model)
    assert halves.receptive_frames == 27
    assert {item.name for item in halves.front.graph.output} == {"frames", "f0", "energy", "durations"}
