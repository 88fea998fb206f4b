"""The provider contract accepts correct providers, and finds each fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.helpers.synthesis.broken_providers import (
    AxisAddingSession,
    BrittleSession,
    BufferReusingSession,
    FakeRuntime,
    InputChangingSession,
    OneThreadSession,
    UncheckedSession,
    UnclosableSession,
    add_noise,
    wrap_sessions,
)
from tests.helpers.synthesis.cpu_sessions import OpenFunction, WrappedSession, change_outputs, open_on_cpu
from tools.coreml.eligibility import check_eligibility
from wyoming_kokoro import Array, Provider, Session, SessionOptions
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.testing import check_provider
from wyoming_kokoro.testing.provider_examples import ANY_SIZE, FIXED_SIZE, GraphExample, TextExample

GOOD = Provider("good", 1, "float", open_on_cpu)


def test_every_installed_provider_fulfils_the_contract(tmp_path: Path) -> None:
    providers = PluginManager.load(Config()).providers()
    reasons = {provider.name: check_provider(provider, tmp_path / provider.name) for provider in providers}
    assert reasons["cpu"] is None
    assert reasons == {provider.name: provider.unavailable_reason for provider in providers}


def open_with_wrong_sample(file: Path, options: SessionOptions) -> Session:
    """Open `file` as a function of a module, which another process can find."""
    return FAULTS["one wrong sample"][0](file, options)


def open_reusing_buffers(file: Path, options: SessionOptions) -> Session:
    return wrap_sessions(BufferReusingSession)(file, options)


@pytest.mark.parametrize("fixed", [False, True], ids=["any size", "one size"])
def test_provider_with_a_process_of_its_own_fulfils_the_contract(fixed: bool, tmp_path: Path) -> None:
    stages = frozenset({"vocoder", "albert"}) if fixed else GOOD.stages
    assert check_provider(replace(GOOD, fixed_shapes=fixed, stages=stages, process=True), tmp_path) is None


def test_process_copies_inputs_and_outputs(tmp_path: Path) -> None:
    """So the server cannot see such a fault, nor suffer from it."""
    assert check_provider(replace(GOOD, open=open_reusing_buffers, process=True), tmp_path) is None


@pytest.mark.parametrize(
    ("open_function", "message"),
    [
        (open_with_wrong_sample, "has an error of 0.001"),
        (wrap_sessions(WrappedSession), "cannot run in a process of its own"),
    ],
    ids=["one wrong sample", "not picklable"],
)
def test_fault_of_a_provider_with_a_process_is_found(open_function: OpenFunction, message: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=message):
        check_provider(Provider("bad", 1, "float", open_function, process=True), tmp_path)


@pytest.mark.parametrize(
    "provider",
    [
        GOOD,
        replace(GOOD, fixed_shapes=True),
        replace(GOOD, open=wrap_sessions(WrappedSession)),
        replace(GOOD, precision="int8", open=add_noise(16)),
        replace(GOOD, precision="int8", open=add_noise(16), fixed_shapes=True),
    ],
    ids=["any size", "one size", "wrapped", "rounding", "rounding, one size"],
)
def test_correct_provider_passes(provider: Provider, tmp_path: Path) -> None:
    assert check_provider(provider, tmp_path) is None


def test_unavailable_provider_is_not_checked(tmp_path: Path) -> None:
    assert check_provider(replace(GOOD, unavailable_reason="needs a Mac", open=open_failing), tmp_path) == "needs a Mac"
    assert not list(tmp_path.iterdir())


def open_failing(file: Path, options: SessionOptions) -> Session:
    raise RuntimeError("no such device")


def open_lazily(file: Path, options: SessionOptions) -> Session:
    """Open the file at the first run."""

    class LazySession(WrappedSession):
        def __init__(self) -> None:
            self._opened: Session | None = None

        def run(self, feeds: object) -> dict[str, Array]:
            self._opened = self._opened or open_on_cpu(file, options)
            return self._opened.run(feeds)  # type: ignore[arg-type]

        def close(self) -> None:
            self._opened = None

    return LazySession()


def open_only_once(file: Path, options: SessionOptions) -> Session:
    """Write a compiled graph that a later call cannot read."""
    compiled = options.cache_dir / f"{file.parent.name}.compiled"
    if compiled.exists():
        raise OSError("the compiled graph is damaged")
    options.cache_dir.mkdir(exist_ok=True)
    compiled.touch()
    return open_on_cpu(file, options)


def with_wrong_sample(array: Array) -> Array:
    spectrum: Array = array.copy()
    spectrum[0, 0, 0, 5] += 0.001
    return spectrum


FAULTS: dict[str, tuple[OpenFunction, str]] = {
    "does not open": (open_failing, r"cannot open .*vocoder\.onnx.*no such device"),
    "does not open again": (open_only_once, r"cannot open .*the compiled graph is damaged"),
    "opens any file": (open_lazily, "opens a damaged file"),
    "one wrong sample": (
        change_outputs(lambda outputs: {**outputs, "spectrum": with_wrong_sample(outputs["spectrum"])}),
        "has an error of 0.001 in `spectrum`, more than 0.0001",
    ),
    "not a number": (
        change_outputs(lambda outputs: {**outputs, "spectrum": outputs["spectrum"] * np.float32(np.nan)}),
        "has an error of nan",
    ),
    "rounds more than float": (add_noise(60), "set another `precision` if the provider rounds more"),
    "double precision": (
        change_outputs(lambda outputs: {name: array.astype(np.float64) for name, array in outputs.items()}),
        "`spectrum` as float64 instead of a float32 array",
    ),
    "lists": (
        change_outputs(lambda outputs: {name: array.tolist() for name, array in outputs.items()}),
        "`spectrum` as list instead of a float32 array",
    ),
    "flat": (change_outputs(lambda outputs: {name: array.ravel() for name, array in outputs.items()}), "with shape"),
    "missing output": (
        change_outputs(lambda outputs: {"spectrum": outputs["spectrum"]}),
        r"returns \['spectrum'\] instead of",
    ),
    "additional output": (
        change_outputs(lambda outputs: {**outputs, "wide": outputs["spectrum"]}),
        r"returns .*'wide'.* instead of",
    ),
    "no names": (change_outputs(lambda outputs: list(outputs.values())), "returns list instead of a dictionary"),  # type: ignore[arg-type, return-value]
    "shared buffers": (wrap_sessions(BufferReusingSession), "overwrites the output of an earlier run"),
    "changes its inputs": (wrap_sessions(InputChangingSession), "changes its input `frames`"),
    "accepts any input": (wrap_sessions(UncheckedSession), "runs without `scale`; it must raise an exception"),
    "accepts fewer axes": (
        wrap_sessions(AxisAddingSession),
        "runs with three axes in `frames`; it must raise an exception",
    ),
    "fails after an invalid input": (wrap_sessions(BrittleSession), "cannot run a window.*out of order"),
    "runs on one thread only": (wrap_sessions(OneThreadSession), "cannot run a window.*wrong thread"),
    "cannot be closed": (wrap_sessions(UnclosableSession), "cannot close a session.*still busy"),
}
RUNTIME_FAULTS: dict[str, tuple[Callable[[FakeRuntime, Path, SessionOptions], Session], str]] = {
    "one graph at a time": (FakeRuntime.open_latest_only, "has an error of"),
    "one run at a time": (FakeRuntime.open_one_at_a_time, "the device is busy"),
    "one close closes all": (FakeRuntime.open_until_first_close, "the runtime is shut down"),
    "graphs identified by file name": (FakeRuntime.open_by_name, "has an error of"),
}


@pytest.mark.parametrize("fixed", [False, True], ids=["any size", "one size"])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found(fault: str, fixed: bool, tmp_path: Path) -> None:
    open_function, message = FAULTS[fault]
    with pytest.raises(AssertionError, match=f"^the provider bad .*{message}"):
        check_provider(Provider("bad", 1, "float", open_function, fixed_shapes=fixed), tmp_path)


@pytest.mark.parametrize("fixed", [False, True], ids=["any size", "one size"])
@pytest.mark.parametrize("fault", RUNTIME_FAULTS)
def test_fault_of_concurrent_sessions_is_found(fault: str, fixed: bool, tmp_path: Path) -> None:
    open_function, message = RUNTIME_FAULTS[fault]
    with pytest.raises(AssertionError, match=f"^the provider bad .*{message}"):
        check_provider(Provider("bad", 1, "float", partial(open_function, FakeRuntime()), fixed_shapes=fixed), tmp_path)


@pytest.mark.parametrize("fixed", [False, True])
def test_noise_is_found_with_any_precision(fixed: bool, tmp_path: Path) -> None:
    with pytest.raises(
        AssertionError, match=r"has a signal-to-noise ratio of 14\.\d dB in `spectrum`, less than 15 dB"
    ):
        check_provider(Provider("bad", 1, "int8", add_noise(14.5), fixed_shapes=fixed), tmp_path)


class MaskIgnoringSession(WrappedSession):
    """Ignores the mask of padding."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        return super().run({name: array * (name != "hidden") for name, array in feeds.items()})


def open_without_mask(file: Path, options: SessionOptions) -> Session:
    return MaskIgnoringSession(open_on_cpu(file, options)) if file.stem == "albert" else open_on_cpu(file, options)


def test_provider_for_albert_must_respect_the_mask(tmp_path: Path) -> None:
    albert_provider = replace(GOOD, fixed_shapes=True, stages=frozenset({"vocoder", "albert"}))
    assert check_provider(albert_provider, tmp_path / "good") is None
    with pytest.raises(AssertionError, match=r"^the provider good has an error of .* in `context`"):
        check_provider(replace(albert_provider, open=open_without_mask), tmp_path / "bad")
    assert check_provider(replace(GOOD, open=open_without_mask), tmp_path / "vocoder only") is None


def test_albert_example_is_eligible_for_core_ml(tmp_path: Path) -> None:
    example = TextExample(tmp_path / "folder" / "albert.onnx", 3)
    onnx.checker.check_model(onnx.load(example.file), full_check=True)
    assert check_eligibility(example.file).is_whole


@pytest.mark.parametrize("sizes", [ANY_SIZE, FIXED_SIZE], ids=["any size", "one size"])
def test_vocoder_example_with_fixed_shapes_is_eligible_for_core_ml(
    tmp_path: Path, sizes: list[tuple[int, int]]
) -> None:
    example = GraphExample(tmp_path / "folder" / "vocoder.onnx", 3, sizes)
    model = onnx.load(example.file)
    onnx.checker.check_model(model, full_check=True)
    lengths = [item.type.tensor_type.shape.dim[-1].dim_value for item in (*model.graph.input, *model.graph.output)]
    assert all(lengths) == (sizes is FIXED_SIZE)
    assert check_eligibility(example.file).is_whole == (sizes is FIXED_SIZE)
