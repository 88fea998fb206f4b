"""Core ML's compute plan, which assigns each operation to a device, as ONNX Runtime logs it."""

from __future__ import annotations

import re
from collections.abc import Iterable

OPERATION = re.compile(r"Operation: \S+, Device Usage: <(?P<device>\w+)[^>]*>, Estimated Cost: (?P<cost>\d+\.\d+)")
NEURAL_ENGINE = "MLNeuralEngineComputeDevice"


def neural_engine_share(lines: Iterable[str]) -> float | None:
    """Return the Neural Engine's share of the estimated cost, 0 to 1, or None when `lines` contain no plan.

    With `ProfileComputePlan`, ONNX Runtime's Core ML provider (`coreml/model/model.mm`) logs each operation with
    `NSLog(@"Operation: %@, Device Usage: %@, Estimated Cost: %f")` before the session is open. The device is the name
    of a class, as in `<MLNeuralEngineComputeDevice: 0x6000036ec0e0>`, or `(null)` for an operation without cost.
    """
    found = [match for line in lines if (match := OPERATION.search(line))]
    if not found:
        return None
    costs = [float(match["cost"]) for match in found]
    # A plan for the CPU alone has no costs. All operations then count the same.
    weights = costs if any(costs) else [1.0] * len(costs)
    neural = [weight for match, weight in zip(found, weights, strict=True) if match["device"] == NEURAL_ENGINE]
    return sum(neural) / sum(weights)
