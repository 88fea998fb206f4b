"""What every provider does; and that a provider with any one fault is found out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.contracts.broken_providers import (
    AcceptingAnything,
    AcceptingFewerAxes,
    AtHomeInOneThread,
    Faultless,
    Offended,
    Opening,
    Runtime,
    SharingItsBuffers,
    Unclosable,
    WritingIntoItsInputs,
    changing,
    noisy,
    proper,
    wrapped,
)
from tools.coreml.eligibility import check_eligibility
from wyoming_kokoro import Array, Provider, Session, SessionOptions
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.testing import check_provider
from wyoming_kokoro.testing.provider_examples import ANY_SIZE, FIXED_SIZE, GraphExample, TextExample

GOOD = Provider("good", 1, "float", proper)


def test_every_provider_that_is_here_keeps_the_contract(tmp_path: Path) -> None:
    """Those of third parties that are installed, too; one that cannot be used here says why."""
    found = {item: check_provider(item, tmp_path / item.name) for item in PluginManager.load(Config()).providers()}
    assert {provider.name: why_not for provider, why_not in found.items()}["cpu"] is None
    assert all(why_not == provider.unavailable_reason for provider, why_not in found.items())


@pytest.mark.parametrize(
    "provider",
    [
        GOOD,
        replace(GOOD, fixed_shapes=True),
        replace(GOOD, open=wrapped(Faultless)),
        replace(GOOD, precision="int8", open=noisy(16)),
        replace(GOOD, precision="int8", open=noisy(16), fixed_shapes=True),
    ],
    ids=["any size", "one size", "wrapped", "rounding", "rounding, one size"],
)
def test_a_good_provider_passes(provider: Provider, tmp_path: Path) -> None:
    assert check_provider(provider, tmp_path) is None


def test_one_that_cannot_be_used_here_is_not_tried(tmp_path: Path) -> None:
    assert check_provider(replace(GOOD, unavailable_reason="needs a Mac", open=refusing), tmp_path) == "needs a Mac"
    assert not list(tmp_path.iterdir())


def refusing(file: Path, options: SessionOptions) -> Session:
    raise RuntimeError("no such device")


def lazy(file: Path, options: SessionOptions) -> Session:
    """Look at the file when the first run wants it."""

    class Later(Faultless):
        def __init__(self) -> None:
            self._opened: Session | None = None

        def run(self, feeds: object) -> dict[str, Array]:
            self._opened = self._opened or proper(file, options)
            return self._opened.run(feeds)  # type: ignore[arg-type]

        def close(self) -> None:
            self._opened = None

    return Later()


def opening_once(file: Path, options: SessionOptions) -> Session:
    """Leave behind what no later opening can read."""
    form = options.cache_dir / f"{file.parent.name}.form"
    if form.exists():
        raise OSError("the compiled form is damaged")
    options.cache_dir.mkdir(exist_ok=True)
    form.touch()
    return proper(file, options)


def of_spectrum(array: Array) -> Array:
    spectrum: Array = array.copy()
    spectrum[0, 0, 0, 5] += 0.001
    return spectrum


FAULTS: dict[str, tuple[Opening, str]] = {
    "does not open": (refusing, r"cannot open .*vocoder\.onnx.*no such device"),
    "does not open again": (opening_once, r"cannot open .*the compiled form is damaged"),
    "opens anything": (lazy, "opens a file that is no graph"),
    "one wrong number": (
        changing(lambda made: {**made, "spectrum": of_spectrum(made["spectrum"])}),
        "is off by 0.001 in `spectrum`, where 0.0001 is allowed",
    ),
    "no number": (changing(lambda made: {**made, "spectrum": made["spectrum"] * np.float32(np.nan)}), "is off by nan"),
    "rounding more than it says": (noisy(60), "one that rounds more has a `precision` of its own"),
    "double precision": (
        changing(lambda made: {name: array.astype(np.float64) for name, array in made.items()}),
        "`spectrum` as float64, not as a float32 array",
    ),
    "lists": (
        changing(lambda made: {name: array.tolist() for name, array in made.items()}),
        "`spectrum` as list, not as a float32 array",
    ),
    "flat": (changing(lambda made: {name: array.ravel() for name, array in made.items()}), "in the shape"),
    "missing output": (changing(lambda made: {"spectrum": made["spectrum"]}), r"gives \['spectrum'\], where"),
    "one output more": (changing(lambda made: {**made, "wide": made["spectrum"]}), r"gives .*'wide'.* is due"),
    "no names": (changing(lambda made: list(made.values())), "gives list, where a dictionary"),  # type: ignore[arg-type, return-value]
    "shared buffers": (wrapped(SharingItsBuffers), "overwrites what an earlier run gave"),
    "works in place": (wrapped(WritingIntoItsInputs), "writes into its input `frames`"),
    "accepts anything": (wrapped(AcceptingAnything), "runs without `scale`; it must raise"),
    "accepts fewer axes": (wrapped(AcceptingFewerAxes), "runs with `frames` of three axes; it must raise"),
    "offended": (wrapped(Offended), "cannot run a window.*out of order"),
    "one thread": (wrapped(AtHomeInOneThread), "cannot run a window.*wrong thread"),
    "not to be closed": (wrapped(Unclosable), "cannot close a session.*still busy"),
}
FAULTS_OF_RUNTIMES: dict[str, tuple[Callable[[Runtime, Path, SessionOptions], Session], str]] = {
    "one graph at a time": (Runtime.open_the_only_one, "is off by"),
    "one run at a time": (Runtime.open_one_at_a_time, "the device is busy"),
    "one is closed and all are": (Runtime.open_until_one_is_closed, "the runtime is shut down"),
    "known by its file's name": (Runtime.open_by_name, "is off by"),
}


@pytest.mark.parametrize("fixed", [False, True], ids=["any size", "one size"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_out(fault: str, fixed: bool, tmp_path: Path) -> None:
    opening, sentence = FAULTS[fault]
    with pytest.raises(AssertionError, match=f"^the provider bad .*{sentence}"):
        check_provider(Provider("bad", 1, "float", opening, fixed_shapes=fixed), tmp_path)


@pytest.mark.parametrize("fixed", [False, True], ids=["any size", "one size"])
@pytest.mark.parametrize("fault", FAULTS_OF_RUNTIMES)
def test_sessions_that_disturb_each_other_are_found_out(fault: str, fixed: bool, tmp_path: Path) -> None:
    opening, sentence = FAULTS_OF_RUNTIMES[fault]
    with pytest.raises(AssertionError, match=f"^the provider bad .*{sentence}"):
        check_provider(Provider("bad", 1, "float", partial(opening, Runtime()), fixed_shapes=fixed), tmp_path)


@pytest.mark.parametrize("fixed", [False, True])
def test_too_much_noise_is_found_out_in_every_class(fixed: bool, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"has 14\.\d dB of signal to noise in `spectrum`, where 15 are due"):
        check_provider(Provider("bad", 1, "int8", noisy(14.5), fixed_shapes=fixed), tmp_path)


class SeeingWhatIsHidden(Faultless):
    """Reads a text with what it was filled up with."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        return super().run({name: array * (name != "hidden") for name, array in feeds.items()})


def blind_to_masks(file: Path, options: SessionOptions) -> Session:
    return SeeingWhatIsHidden(proper(file, options)) if file.stem == "albert" else proper(file, options)


def test_one_that_offers_to_read_must_read_well(tmp_path: Path) -> None:
    reading = replace(GOOD, fixed_shapes=True, stages=frozenset({"vocoder", "albert"}))
    assert check_provider(reading, tmp_path / "good") is None
    with pytest.raises(AssertionError, match=r"^the provider good is off by .* in `context`"):
        check_provider(replace(reading, open=blind_to_masks), tmp_path / "bad")
    assert check_provider(replace(GOOD, open=blind_to_masks), tmp_path / "unasked") is None


def test_core_ml_would_take_the_graph_that_reads(tmp_path: Path) -> None:
    example = TextExample(tmp_path / "folder" / "albert.onnx", 3)
    onnx.checker.check_model(onnx.load(example.file), full_check=True)
    assert check_eligibility(example.file).is_whole


@pytest.mark.parametrize("sizes", [ANY_SIZE, FIXED_SIZE], ids=["any size", "one size"])
def test_the_graph_is_one_that_providers_are_given(tmp_path: Path, sizes: list[tuple[int, int]]) -> None:
    """It is valid, and Core ML would take all of the one of fixed shapes."""
    example = GraphExample(tmp_path / "folder" / "vocoder.onnx", 3, sizes)
    model = onnx.load(example.file)
    onnx.checker.check_model(model, full_check=True)
    lengths = [item.type.tensor_type.shape.dim[-1].dim_value for item in (*model.graph.input, *model.graph.output)]
    assert all(lengths) == (sizes is FIXED_SIZE)
    assert check_eligibility(example.file).is_whole == (sizes is FIXED_SIZE)
