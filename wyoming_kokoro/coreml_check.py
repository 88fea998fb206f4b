"""`check --coreml`: what of the model Core ML would take, told on any machine by ONNX Runtime's own checker."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

from wyoming_kokoro.backend import find_files
from wyoming_kokoro.cli.table import table
from wyoming_kokoro.config import Config
from wyoming_kokoro.eligibility import Verdict, verdict
from wyoming_kokoro.errors import GraphMismatch, StartupError
from wyoming_kokoro.inference.pacing import FIRST_WINDOWS, LARGE_WINDOW_FRAMES
from wyoming_kokoro.model.fingerprint import Recipe
from wyoming_kokoro.model.manifest import TOKENS, WINDOW, Manifest
from wyoming_kokoro.onnx import write_in_float16
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.preparation.fix_shapes import FRAME_CHANNELS, shapes
from wyoming_kokoro.preparation.graph.static_shapes import static_vocoder
from wyoming_kokoro.preparation.store import ALBERT, FIRST, LATER, albert_of, fix_shapes, prepare_stages, split_albert
from wyoming_kokoro.storage import remembered_sha256
from wyoming_kokoro.work import ELIGIBLE, shares

LEAST_SHARE = 0.85
"""Of the model's arithmetic: with less, Core ML is not worth its while."""
OTHER_SIZES = sorted({*FIRST_WINDOWS, LARGE_WINDOW_FRAMES} - {WINDOW})
"""Frames of windows that are used elsewhere: Core ML would take them as well."""
HEADS = ("graph", "nodes", "supported", "partitions", "largest dimension", "dynamic", "operators missing")
WELL = "Core ML would take the vocoder and ALBERT whole. What the Neural Engine makes of it shows on a Mac only."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found."""

    vocoder: Mapping[str, Verdict]
    """By the frames of a window: in float16, as the Neural Engine wants it, and in float, as for the GPU."""
    albert: Mapping[str, Verdict]
    """What reads the text, by the tokens that it may have."""
    stock: Verdict
    """Of the model file as it came, beside which the others are to be seen."""
    work: Mapping[str, float]
    """Each stage's share of the arithmetic of one sentence."""

    @property
    def problem(self) -> str:
        """The one line that says what is wrong and what to do; empty when all is well."""
        for name, found in self.graphs.items():
            if not found.is_whole:
                return f"Core ML does not take the graph {name!r} whole: {_reason(found)}"
        if self.eligible < LEAST_SHARE:
            share = f"only {self.eligible:.0%} of the work, {LEAST_SHARE:.0%} at least are wanted"
            return f"Core ML would do {share}; use the model that is installed with us"
        return ""

    @property
    def graphs(self) -> Mapping[str, Verdict]:
        """All that Core ML is given."""
        vocoder = {f"vocoder {name}": item for name, item in self.vocoder.items()}
        return vocoder | {f"albert {name}": item for name, item in self.albert.items()}

    @property
    def eligible(self) -> float:
        """The share of the arithmetic that is in those graphs."""
        return sum(self.work[name] for name in ELIGIBLE)


def check(config: Config, as_json: bool) -> tuple[str, int]:
    """Return what was found, as text or JSON, and the exit code; takes some 15 s. Raises `StartupError`."""
    found = _examined(config)
    page = json.dumps({"coreml": _described(found)}, indent=2) if as_json else told(found)
    return page, 1 if found.problem else 0


def _examined(config: Config) -> Findings:
    files, _ = find_files(config, PluginManager.load(config))
    cache = config.directories.cache_path
    sha256 = remembered_sha256(files.model, cache)
    log.info("Looking at %s", files.model)
    try:
        stages = prepare_stages(files.model, sha256, Recipe.current().digest, cache)
        vocoder = {name: verdict(file) for name, file in _vocoders(stages)}
        albert = {name: verdict(file) for name, file in _alberts(stages)}
    except GraphMismatch as mismatch:
        raise StartupError(f"{files.model.name} cannot be cut ({mismatch}); use the installed model") from None
    log.info("Counting the work of one sentence")
    return Findings(vocoder, albert, verdict(files.model), shares(stages))


def _vocoders(stages: Path) -> Iterator[tuple[str, Path]]:
    """Yield the vocoder for each size of windows, in a file that is there until the next is asked for."""
    model, manifest = onnx.load(stages / "vocoder.onnx"), Manifest.read(stages)
    folder = fix_shapes(stages, "float")
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "vocoder.onnx"

        def halved(file: Path) -> Path:
            write_in_float16(file, made)
            return made

        yield f"{WINDOW} first", halved(folder / FIRST)
        yield f"{WINDOW}", halved(folder / LATER)
        for size in OTHER_SIZES:
            windows = {**shapes(model, size), "frames": [1, FRAME_CHANNELS, 1, size]}
            onnx.save(static_vocoder(model, manifest.states, windows), made)
            yield f"{size}", halved(made)
    yield f"{WINDOW} first float", folder / FIRST
    yield f"{WINDOW} float", folder / LATER


def _alberts(stages: Path) -> Iterator[tuple[str, Path]]:
    """Yield what reads the text for each number of tokens, in a file that is there until the next is asked for."""
    folder = split_albert(stages)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / ALBERT
        for size in TOKENS:
            write_in_float16(folder / albert_of(size), made)
            yield f"{size}", made
            yield f"{size} float", folder / albert_of(size)


def _reason(found: Verdict) -> str:
    if found.missing:
        return f"it does not have {', '.join(found.missing)}; install onnxruntime 1.27 or newer"
    parts = f"{found.taken} of {found.nodes} nodes in {found.partitions} parts"
    return "; ".join([parts, *found.refused[:1], "use the model that is installed with us"])


def _described(found: Findings) -> dict[str, object]:
    return {
        "vocoder": {name: _figures(item) for name, item in found.vocoder.items()},
        "albert": {name: _figures(item) for name, item in found.albert.items()},
        "stock": _figures(found.stock),
        "work": {name: round(share, 4) for name, share in found.work.items()},
        "eligible": round(found.eligible, 4),
        "problem": found.problem,
    }


def _figures(found: Verdict) -> dict[str, object]:
    return {
        "nodes": found.nodes,
        "supported": found.taken,
        "partitions": found.partitions,
        "largest_dim": found.largest,
        "dynamic": found.dynamic,
        "missing": list(found.missing),
    }


def told(found: Findings) -> str:
    """Return what was found as a page of text, which ends in the verdict."""
    graphs = {**found.graphs, "stock model": found.stock}
    rows = [[name, *map(_cell, _figures(item).values())] for name, item in graphs.items()]
    work = ", ".join(f"{name} {share:.1%}" for name, share in found.work.items())
    last = f"PROBLEM: {found.problem}" if found.problem else WELL
    told_work = f"The work of a sentence: {work}. Core ML would do {found.eligible:.1%}."
    return "\n".join([table(HEADS, rows), "", told_work, last])


def _cell(figure: object) -> str:
    return str(len(figure)) if isinstance(figure, list) else str(figure)
