"""The project as a whole: what is shipped, what may import what, and that nothing outgrows a reader."""

from __future__ import annotations

import ast
import configparser
import importlib
import inspect
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import wyoming_kokoro
import wyoming_kokoro.api.metrics
import wyoming_kokoro.api.observations
import wyoming_kokoro.onnx
from wyoming_kokoro.api import hookspecs
from wyoming_kokoro.plugins.loader import installed_plugins

pytest_plugins = ["tests.helpers.distributions"]

ROOT = Path(__file__).parents[1]
PACKAGES = sorted(item for item in (ROOT / "plugins").glob("wyoming_kokoro_*") if item.is_dir())
SOURCES = sorted(file for tree in ("wyoming_kokoro", "plugins", "tools") for file in (ROOT / tree).rglob("*.py"))
HOOKS: dict[str, Callable[..., object]] = {
    name: spec for name, spec in vars(hookspecs).items() if name.startswith("kokoro_")
}
BUILT_IN = {plugin.name: plugin.entry for plugin in installed_plugins() if plugin.is_builtin}
MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 60


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=ROOT)


# The wheel


@pytest.fixture(scope="module")
def shipped(wheel: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(wheel)


@pytest.mark.install
def test_wheel_has_every_file_of_the_packages_and_nothing_else(shipped: zipfile.ZipFile) -> None:
    """The core and every plugin are there as top-level packages; no test, no document, no leftover."""
    trees = [(ROOT, ROOT / "wyoming_kokoro"), *((ROOT / "plugins", package) for package in PACKAGES)]
    expected = {
        file.relative_to(root).as_posix()
        for root, tree in trees
        for file in tree.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert {"wyoming_kokoro/py.typed", "wyoming_kokoro/data/voices.npz"} <= expected
    assert {name for name in shipped.namelist() if ".dist-info/" not in name} == expected


@pytest.mark.install
def test_wheel_has_its_papers(shipped: zipfile.ZipFile) -> None:
    """Whoever has the wheel has the licence and the notice."""
    papers = {name.split(".dist-info/")[1] for name in shipped.namelist() if ".dist-info/" in name}
    assert papers == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "entry_points.txt",
        "licenses/LICENSE",
        "licenses/NOTICE",
    }


@pytest.mark.install
def test_wheel_has_the_entry_points_of_the_plugins_in_the_tree(shipped: zipfile.ZipFile) -> None:
    """Every folder in `plugins/` is wired under its own name, and nothing is wired that is not there."""
    (file,) = (name for name in shipped.namelist() if name.endswith("entry_points.txt"))
    points = configparser.ConfigParser(delimiters=("=",))
    points.read_string(shipped.read(file).decode())
    wired = {name: value.split(":")[0] for name, value in points["wyoming_kokoro"].items()}
    assert wired == {package.name.removeprefix("wyoming_kokoro_"): package.name for package in PACKAGES}
    assert dict(points["console_scripts"]) == {"wyoming-kokoro": "wyoming_kokoro.cli.main:main"}


# The plugins


def test_installed_entry_points_are_those_of_the_tree() -> None:
    """What is tested here is the tree: an old installation would hide a new plugin."""
    folders = {package.name.removeprefix("wyoming_kokoro_"): package.name for package in PACKAGES}
    assert {name: entry.module for name, entry in BUILT_IN.items()} == folders


def imports(file: Path) -> Iterator[tuple[str, str]]:
    """Yield module and name of all imports, also of those inside functions; a whole module has no name."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


@pytest.mark.parametrize("package", PACKAGES, ids=[package.name for package in PACKAGES])
def test_plugin_imports_only_the_public_api(package: Path) -> None:
    """A built-in plugin has no more than a third party's: no inner module, no other plugin."""
    public = {("wyoming_kokoro", name) for name in wyoming_kokoro.__all__}
    public |= {("wyoming_kokoro.onnx", name) for name in wyoming_kokoro.onnx.__all__}
    reported = (wyoming_kokoro.api.observations, wyoming_kokoro.api.metrics)
    public |= {(module.__name__, name) for module in reported for name in vars(module)}
    ours = [
        (module, name)
        for file in package.rglob("*.py")
        for module, name in imports(file)
        if module.startswith("wyoming_kokoro") and module.split(".")[0] != package.name
    ]
    assert set(ours) <= public
    assert ours, "a plugin that does not import wyoming_kokoro is none"


def test_public_names_are_there() -> None:
    """What the plugin API promises can be imported."""
    for module in (wyoming_kokoro, wyoming_kokoro.onnx):
        assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("hook", HOOKS)
def test_hook_is_explained_with_an_example(hook: str) -> None:
    """An author who has only the docstring can write the hook."""
    text = inspect.getdoc(HOOKS[hook]) or ""
    what, _, example = text.partition("Example:")
    assert re.match(r"(Return|Notify|Choose) .+\.", what)
    assert f"@hookimpl\n    def {hook}(self" in example


def test_every_hook_has_a_section_with_its_signature_in_the_hooks_page() -> None:
    page = (ROOT / "docs" / "plugins" / "hooks.md").read_text("utf-8")
    signatures = [(name, f"{name}{inspect.signature(spec)}".replace("'", "")) for name, spec in HOOKS.items()]
    assert re.findall(r"^## (kokoro_\w+)\n\n```python\ndef (.+)\n```$", page, re.MULTILINE) == signatures


def implementations() -> Iterator[tuple[str, str, Any]]:
    """Yield plugin, hook and method of everything that the built-in plugins answer."""
    for plugin, entry in BUILT_IN.items():
        for name, method in inspect.getmembers(entry.load(), inspect.isfunction):
            if hasattr(method, "wyoming_kokoro_impl"):
                yield plugin, name, method


def test_every_hook_is_used_by_a_built_in_plugin() -> None:
    """A hook that nobody uses is a guess."""
    assert {hook for _, hook, _ in implementations()} == set(HOOKS)


@pytest.mark.parametrize(("hook", "method"), [pytest.param(h, m, id=f"{p} {h}") for p, h, m in implementations()])
def test_implementation_has_the_specifications_types(hook: str, method: Any) -> None:
    """pluggy compares names only: here the annotations are compared as well."""
    spec = inspect.signature(HOOKS[hook])
    mine = inspect.signature(method)
    for name, parameter in list(mine.parameters.items())[1:]:
        assert parameter == spec.parameters[name]
    promised = str(spec.return_annotation)
    narrower = (promised.replace("Iterable", "Iterator"), promised.removesuffix(" | None"))
    assert mine.return_annotation in (promised, *narrower)


# The sources


@pytest.mark.parametrize("file", SOURCES, ids=named)
def test_source_can_be_read_at_one_sitting(file: Path) -> None:
    """No file and no function outgrows its reader."""
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    functions = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


# The program


def test_version_is_printed() -> None:
    """The program says which version it is, without a configuration."""
    assert run("-m", "wyoming_kokoro", "--version").stdout == f"wyoming-kokoro {wyoming_kokoro.__version__}\n"


@pytest.mark.parametrize(
    "module", ["wyoming_kokoro", "wyoming_kokoro.cli.main", "wyoming_kokoro.onnx", *(p.name for p in PACKAGES)]
)
def test_import_is_light(module: str) -> None:
    """What takes long to import is imported when it is needed: the server answers at once."""
    code = f"import {module}, sys; print(*sorted(name.partition('.')[0] for name in sys.modules))"
    loaded = set(run("-c", code).stdout.split())
    assert "wyoming_kokoro" in loaded
    assert loaded.isdisjoint(
        {
            "onnxruntime",
            "onnx",
            "kokoro_onnx",
            "phonemizer",
            "httpx",
            "pooch",
            "psutil",
            "aiohttp",
            "prometheus_client",
            "emoji",
        }
    )


def test_changes_are_written_down() -> None:
    """The changelog has a place for the next change, in front of all versions."""
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"


def test_shipped_packages_can_be_imported() -> None:
    """Every module of the core and of the plugins can be imported, and says what it is for."""
    for file in SOURCES:
        if file.is_relative_to(ROOT / "tools"):
            continue
        root = ROOT / "plugins" if file.is_relative_to(ROOT / "plugins") else ROOT
        name = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        assert importlib.import_module(name).__doc__
