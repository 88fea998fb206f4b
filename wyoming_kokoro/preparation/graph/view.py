"""Navigation in ONNX graphs, and basic changes of them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from wyoming_kokoro.errors import GraphMismatch

T = TypeVar("T")
Shape = Sequence["int | str | None"]


class GraphView:
    """The producers, consumers and constants of one graph. It does not follow later changes of the graph."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.graph = graph
        self.constants: dict[str, onnx.TensorProto] = {item.name: item for item in graph.initializer}
        self._producers: dict[str, onnx.NodeProto] = {name: node for node in graph.node for name in node.output}
        self._consumers: dict[str, list[onnx.NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self._consumers.setdefault(name, []).append(node)

    def producer(self, name: str) -> onnx.NodeProto:
        """Return the node with the output `name`. Raises `GraphMismatch`."""
        if name not in self._producers:
            raise GraphMismatch(f"no node has the output {name}")
        return self._producers[name]

    def is_made_by(self, name: str, operator: str) -> bool:
        """Return whether `name` is the output of a node with this operator."""
        return name in self._producers and self._producers[name].op_type == operator

    def consumers(self, name: str) -> list[onnx.NodeProto]:
        """Return the nodes with the input `name`."""
        return self._consumers.get(name, [])

    def consumer(self, name: str, operator: str) -> onnx.NodeProto:
        """Return the only node with this operator and the input `name`. Raises `GraphMismatch`."""
        return exactly_one([node for node in self.consumers(name) if node.op_type == operator], operator, name)

    def array(self, name: str) -> npt.NDArray[np.generic]:
        """Return the constant `name`. Raises `GraphMismatch` when it is not constant."""
        if name not in self.constants:
            raise GraphMismatch(f"{name} is not constant")
        return numpy_helper.to_array(self.constants[name])

    def dims(self, name: str) -> tuple[int, ...]:
        """Return the shape of the constant `name`, or () if it is not constant."""
        return tuple(self.constants[name].dims) if name in self.constants else ()

    def nodes(self, operator: str) -> Iterator[onnx.NodeProto]:
        """Yield the nodes with this operator."""
        return (node for node in self.graph.node if node.op_type == operator)

    def convolutions(self, *weight: int, operator: str = "Conv") -> list[onnx.NodeProto]:
        """Return the convolutions with weights of the shape `weight`."""
        return [node for node in self.nodes(operator) if self.dims(node.input[1]) == weight]

    def ancestors(self, name: str) -> set[str]:
        """Return `name` and all tensors that it is computed from."""
        found, pending = {name}, [name]
        while pending:
            node = self._producers.get(pending.pop())
            for source in node.input if node else ():
                if source and source not in found:
                    found.add(source)
                    pending.append(source)
        return found

    def constant_input(self, node: onnx.NodeProto) -> str:
        """Return the only constant input of `node`. Raises `GraphMismatch`."""
        return str(exactly_one([name for name in node.input if name in self.constants], "constant", node.name))


def other_input(node: onnx.NodeProto, known: Container[str]) -> str:
    """Return the only input of `node` that is not `known`. Raises `GraphMismatch`."""
    return str(exactly_one([name for name in node.input if name and name not in known], "other input", node.name))


def exactly_one(items: Sequence[T], what: str, where: str) -> T:
    """Return the only item. Raises `GraphMismatch`, which names the items and their place."""
    if len(items) != 1:
        raise GraphMismatch(f"{len(items)} of {what} at {where}, 1 expected")
    return items[0]


def cut(model: onnx.ModelProto, inputs: Mapping[str, Shape], outputs: Sequence[str]) -> onnx.ModelProto:
    """Return the part of `model` that computes `outputs` from `inputs`.

    Inputs that are not inputs of the model are float. Raises `GraphMismatch` when `inputs` are not sufficient.
    """
    nodes = needed_nodes(model.graph.node, outputs, inputs)
    used = {name for node in nodes for name in node.input}
    model_inputs = {item.name: item for item in model.graph.input}
    missing = [name for name in model_inputs if name in used and name not in inputs]
    if missing:
        raise GraphMismatch(f"{', '.join(outputs)} also need {', '.join(missing)}")
    return rebuild(
        model,
        nodes,
        inputs=[model_inputs.get(name) or float_tensor(name, shape) for name, shape in inputs.items()],
        outputs=[helper.make_empty_tensor_value_info(name) for name in outputs],
        constants=only_used(model.graph.initializer, nodes),
    )


def needed_nodes(
    nodes: Sequence[onnx.NodeProto], outputs: Iterable[str], inputs: Container[str] = ()
) -> list[onnx.NodeProto]:
    """Return those of the sorted `nodes` that compute `outputs` from `inputs` and constants."""
    names, needed = set(outputs), []
    for node in reversed(nodes):
        if not names.isdisjoint(node.output):
            needed.append(node)
            names.update(name for name in node.input if name and name not in inputs)
    return needed[::-1]


def only_used(constants: Iterable[onnx.TensorProto], nodes: Iterable[onnx.NodeProto]) -> list[onnx.TensorProto]:
    """Return the `constants` that are inputs of `nodes`."""
    used = {name for node in nodes for name in node.input}
    return [item for item in constants if item.name in used]


def rebuild(
    model: onnx.ModelProto,
    nodes: Iterable[onnx.NodeProto] | None = None,
    *,
    inputs: Iterable[onnx.ValueInfoProto] | None = None,
    outputs: Iterable[onnx.ValueInfoProto] | None = None,
    constants: Iterable[onnx.TensorProto] | None = None,
) -> onnx.ModelProto:
    """Return `model` with the given parts instead of its own."""
    # `helper.make_model` would copy the graph, with its weights, once more.
    rebuilt = onnx.ModelProto(ir_version=model.ir_version, opset_import=model.opset_import)
    rebuilt.graph.name = model.graph.name
    rebuilt.graph.node.extend(model.graph.node if nodes is None else nodes)
    rebuilt.graph.input.extend(model.graph.input if inputs is None else inputs)
    rebuilt.graph.output.extend(model.graph.output if outputs is None else outputs)
    rebuilt.graph.initializer.extend(model.graph.initializer if constants is None else constants)
    return rebuilt


def sort_nodes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with each node after the nodes that it needs."""
    nodes = list(model.graph.node)
    # ONNX requires this order, but some converters do not follow it.
    producers = {name: index for index, node in enumerate(nodes) for name in node.output if name}
    needs = {index: {producers[name] for name in node.input if name in producers} for index, node in enumerate(nodes)}
    return rebuild(model, [nodes[index] for index in TopologicalSorter(needs).static_order()])


def float_tensor(name: str, shape: Shape) -> onnx.ValueInfoProto:
    """Return the description of a float tensor."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def shape_of(item: onnx.ValueInfoProto) -> list[int | str | None]:
    """Return the shape of an input or output: sizes, names, and None for unknown sizes."""
    return [dim.dim_param or dim.dim_value or None for dim in item.type.tensor_type.shape.dim]


def rename(model: onnx.ModelProto, names: Mapping[str, str]) -> onnx.ModelProto:
    """Rename tensors of `model`. Changes `model` and returns it."""
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for item in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        item.name = names.get(item.name, item.name)
    return model
