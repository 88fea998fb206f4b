"""Replaces adaptive instance normalization (AdaIN) by one multiplication and one addition for each channel.

AdaIN normalizes each channel over the whole utterance, then scales and shifts it by the voice's style. With a known
mean and variance, `gain * (x - mean) / sqrt(variance + eps) + bias` becomes `x * scale + shift`. A window can then be
decoded without the rest of its utterance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper, numpy_helper

from wyoming_kokoro.preparation.graph.view import GraphView, cut, other_input, rebuild, shape_of

# The inputs that replace the style of the vocoder: [1, channels of all sites, 1].
SCALE, SHIFT = "scale", "shift"
# The outputs of a vocoder with exposed statistics: [1, channels of all distinct sites, 1].
MEAN, VARIANCE = "mean", "variance"


@dataclass(frozen=True, slots=True)
class AdaInSite:
    """The names of the tensors of one AdaIN. Parallel blocks share `mean` and `variance`."""

    source: str
    mean: str
    variance: str
    gain: str
    bias: str
    output: str


def find_sites(graph: onnx.GraphProto) -> list[AdaInSite]:
    """Return all AdaIN sites of a float graph in graph order. Raises `GraphMismatch`."""
    view = GraphView(graph)
    sites = []
    for node in view.nodes("ReduceMean"):
        if any(following.op_type == "Sub" for following in view.consumers(node.output[0])):
            sites += _sites_of(view, node)
    return sites


def _sites_of(view: GraphView, mean: onnx.NodeProto) -> list[AdaInSite]:
    """Return the sites that share the node `mean`."""
    centered = view.consumer(mean.output[0], "Sub").output[0]
    normalized = view.consumer(centered, "Div")
    root = view.producer(other_input(normalized, {centered}))
    variance = other_input(view.producer(root.input[0]), view.constants)
    sites = []
    for scaling in view.consumers(normalized.output[0]):
        gain = other_input(scaling, normalized.output)
        shifting = view.consumer(scaling.output[0], "Add")
        bias = other_input(shifting, scaling.output)
        sites.append(AdaInSite(mean.input[0], mean.output[0], variance, gain, bias, shifting.output[0]))
    return sites


def freeze_adain(model: onnx.ModelProto, sites: Sequence[AdaInSite], channels: Sequence[int]) -> onnx.ModelProto:
    """Return `model` with the inputs `SCALE` and `SHIFT` instead of statistics and styles.

    Each input holds the `channels` of all `sites` in order.
    """
    indices = {site.output: index for index, site in enumerate(sites)}
    sizes = numpy_helper.from_array(np.array(channels, dtype=np.int64), "site_channels")
    nodes = [
        helper.make_node("Split", [name, sizes.name], [f"{name}_{k}" for k in range(len(sites))], axis=1)
        for name in (SCALE, SHIFT)
    ]
    for node in model.graph.node:
        index = indices.get(node.output[0])
        if index is None:
            nodes.append(node)
            continue
        nodes += [
            helper.make_node("Mul", [sites[index].source, f"{SCALE}_{index}"], [f"scaled_{index}"]),
            helper.make_node("Add", [f"scaled_{index}", f"{SHIFT}_{index}"], [sites[index].output]),
        ]
    graph = model.graph
    frozen = rebuild(model, nodes, constants=[*graph.initializer, sizes])
    inputs = {item.name: shape_of(item) for item in graph.input if item.name != "style"}
    inputs |= {name: [1, sum(channels), 1] for name in (SCALE, SHIFT)}
    return cut(frozen, inputs, [item.name for item in graph.output])


def expose_statistics(model: onnx.ModelProto, sites: Sequence[AdaInSite]) -> onnx.ModelProto:
    """Add the outputs `MEAN` and `VARIANCE` of all distinct sites to `model`. Changes `model` and returns it."""
    distinct = {site.mean: site for site in sites}.values()
    for output, names in (
        (MEAN, [site.mean for site in distinct]),
        (VARIANCE, [site.variance for site in distinct]),
    ):
        model.graph.node.append(helper.make_node("Concat", names, [output], axis=1))
        model.graph.output.append(helper.make_empty_tensor_value_info(output))
    return model
