"""Which graphs of the model Core ML would run, and how much of the model's work they do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

from tools.coreml.arithmetic import ACCELERATED_STAGES, measure_shares
from tools.coreml.eligibility import Eligibility, check_eligibility
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import GraphMismatch, StartupError
from wyoming_kokoro.inference.pacing import FIRST_WINDOW_FRAMES, LARGE_WINDOW_FRAMES
from wyoming_kokoro.model.fingerprint import recipe_digest
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.model.manifest import ALBERT_SIZES, WINDOW_FRAMES, Manifest
from wyoming_kokoro.onnx import write_in_float16
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.preparation.fix_shapes import FRAME_CHANNELS, window_shapes
from wyoming_kokoro.preparation.graph.static_shapes import static_vocoder
from wyoming_kokoro.preparation.store import (
    ALBERT_FILE,
    FIRST_WINDOW_FILE,
    LATER_WINDOW_FILE,
    albert_file,
    fix_shapes,
    prepare_stages,
    split_albert,
)
from wyoming_kokoro.storage import remembered_sha256

# With a smaller share of the arithmetic, Core ML saves too little time to be worth compiling for.
MIN_SHARE = 0.85
# Frames of the windows that the vocoder has on other providers. Core ML would run them too.
OTHER_SIZES = sorted({*FIRST_WINDOW_FRAMES, LARGE_WINDOW_FRAMES} - {WINDOW_FRAMES})


@dataclass(frozen=True, slots=True)
class CoreMlReport:
    """What Core ML would run of one model."""

    vocoder: Mapping[str, Eligibility]
    """By the frames of a window: in float16 for the Neural Engine, and in float for the GPU."""
    albert: Mapping[str, Eligibility]
    """By the number of tokens: in float16 and in float."""
    stock: Eligibility
    """The unchanged model file, for comparison."""
    work: Mapping[str, float]
    """Each stage's share of the arithmetic of one sentence, 0 to 1."""

    @property
    def problem(self) -> str:
        """One line that says what is wrong and what to do, or an empty string."""
        graphs = {f"vocoder {name}": item for name, item in self.vocoder.items()}
        graphs |= {f"albert {name}": item for name, item in self.albert.items()}
        for name, found in graphs.items():
            if not found.is_whole:
                return f"Core ML does not run the graph {name!r} as one program: {_reason(found)}"
        if self.eligible < MIN_SHARE:
            share = f"{self.eligible:.0%} of the work, less than {MIN_SHARE:.0%}"
            return f"Core ML would do only {share}; use the installed model"
        return ""

    @property
    def eligible(self) -> float:
        """The share of the arithmetic that Core ML would do, 0 to 1."""
        return sum(self.work[name] for name in ACCELERATED_STAGES)

    def to_json(self) -> dict[str, object]:
        """Return the report as JSON types."""
        return {
            "vocoder": {name: _counts(item) for name, item in self.vocoder.items()},
            "albert": {name: _counts(item) for name, item in self.albert.items()},
            "stock": _counts(self.stock),
            "work": {name: round(share, 4) for name, share in self.work.items()},
            "eligible": round(self.eligible, 4),
            "problem": self.problem,
        }


def create_report(config: Config) -> CoreMlReport:
    """Return the report on the model that `config` names. Raises `StartupError`."""
    files, _ = find_files(config, PluginManager.load(config))
    cache = config.directories.cache_path
    sha256 = remembered_sha256(files.model, cache)
    try:
        stages = prepare_stages(files.model, sha256, recipe_digest(), cache)
        vocoder = {name: check_eligibility(file) for name, file in _vocoder_graphs(stages)}
        albert = {name: check_eligibility(file) for name, file in _albert_graphs(stages)}
    except GraphMismatch as mismatch:
        raise StartupError(f"{files.model.name} cannot be cut ({mismatch}); use the installed model") from None
    return CoreMlReport(vocoder, albert, check_eligibility(files.model), measure_shares(stages))


def _vocoder_graphs(stages: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name and the file of the vocoder for each window size. A file exists until the next iteration."""
    model, manifest = onnx.load(stages / "vocoder.onnx"), Manifest.read(stages)
    folder = fix_shapes(stages, "float")
    with tempfile.TemporaryDirectory() as scratch:
        graph = Path(scratch) / "vocoder.onnx"

        def to_float16(file: Path) -> Path:
            write_in_float16(file, graph)
            return graph

        yield f"{WINDOW_FRAMES} first", to_float16(folder / FIRST_WINDOW_FILE)
        yield f"{WINDOW_FRAMES}", to_float16(folder / LATER_WINDOW_FILE)
        for size in OTHER_SIZES:
            windows = {**window_shapes(model, size), "frames": [1, FRAME_CHANNELS, 1, size]}
            onnx.save(static_vocoder(model, manifest.states, windows), graph)
            yield f"{size}", to_float16(graph)
    yield f"{WINDOW_FRAMES} first float", folder / FIRST_WINDOW_FILE
    yield f"{WINDOW_FRAMES} float", folder / LATER_WINDOW_FILE


def _albert_graphs(stages: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name and the file of ALBERT for each number of tokens. A file exists until the next iteration."""
    folder = split_albert(stages)
    with tempfile.TemporaryDirectory() as scratch:
        graph = Path(scratch) / ALBERT_FILE
        for size in ALBERT_SIZES:
            write_in_float16(folder / albert_file(size), graph)
            yield f"{size}", graph
            yield f"{size} float", folder / albert_file(size)


def _reason(found: Eligibility) -> str:
    if found.missing_operators:
        return f"it lacks {', '.join(found.missing_operators)}; install onnxruntime 1.27 or newer"
    parts = f"{found.supported} of {found.nodes} nodes in {found.partitions} partitions"
    return "; ".join([parts, *found.rejections[:1], "use the installed model"])


def _counts(found: Eligibility) -> dict[str, object]:
    return {
        "nodes": found.nodes,
        "supported": found.supported,
        "partitions": found.partitions,
        "largest_dim": found.largest_dimension,
        "dynamic": found.dynamic,
        "missing": list(found.missing_operators),
    }
