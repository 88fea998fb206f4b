"""What ONNX Runtime can run the vocoder on besides the processor.

TensorRT is left out: it builds an engine for every shape, which takes minutes. So is DirectML: Windows only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ROCM = "AMD's ROCm of the version that it was built for"


@dataclass(frozen=True, slots=True)
class Accelerator:
    """An execution provider that comes with a build of ONNX Runtime of its own."""

    name: str
    execution_provider: str
    """ONNX Runtime's name for it."""
    distribution: str
    """What is installed in the place of `onnxruntime`."""
    rank: int
    fixed: bool
    """Whether it compiles anew, or fails, when a shape changes."""
    needs: str
    """What must be there besides, for people."""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def library(self) -> str:
        """Where its code is in the package `onnxruntime`."""
        return f"capi/libonnxruntime_providers_{self.name}.so"

    @property
    def unavailable_reason(self) -> str:
        """Why it cannot be used where that is not installed, and what to do."""
        return f"the installed onnxruntime does not bring it; install {self.distribution} in the place of onnxruntime"


ACCELERATORS = (
    Accelerator(
        "cuda",
        "CUDAExecutionProvider",
        "onnxruntime-gpu",
        rank=60,
        fixed=False,
        needs="NVIDIA's driver, and what pip install 'onnxruntime-gpu[cuda,cudnn]' brings",
        options={
            # The default tries out every algorithm whenever a shape changes, even back: 142 against 17 ms a run.
            "cudnn_conv_algo_search": "HEURISTIC",
            # A graphics card at home has other tenants; by default the memory that is taken doubles.
            "arena_extend_strategy": "kSameAsRequested",
            # TF32 has the digits of float16, but is given out as float.
            "use_tf32": "0",
        },
    ),
    Accelerator("migraphx", "MIGraphXExecutionProvider", "onnxruntime-migraphx", rank=58, fixed=True, needs=ROCM),
    Accelerator("rocm", "ROCMExecutionProvider", "onnxruntime-rocm", rank=56, fixed=False, needs=ROCM),
)
