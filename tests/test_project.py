"""Tests of the project as a whole: the wheel, the plugins, the hooks and the names."""

from __future__ import annotations

import ast
import configparser
import importlib
import inspect
import re
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import wyoming_kokoro
from wyoming_kokoro import parse_toml
from wyoming_kokoro.api import hookspecs
from wyoming_kokoro.plugins.loader import installed_plugins

pytest_plugins = ["tests.helpers.distributions"]

ROOT = Path(__file__).parents[1]
PLUGIN_PACKAGES = sorted(item for item in (ROOT / "plugins").glob("wyoming_kokoro_*") if item.is_dir())
CODE_FOLDERS = ("wyoming_kokoro", "plugins", "tools", "tests", "examples")
MAX_MODULES = 14
HOOKS: dict[str, Callable[..., object]] = {
    name: spec for name, spec in vars(hookspecs).items() if name.startswith("kokoro_")
}
BUILTIN_ENTRIES = {plugin.name: plugin.entry for plugin in installed_plugins() if plugin.is_builtin}
SLOW_IMPORTS = {
    "aiohttp",
    "emoji",
    "httpx",
    "kokoro_onnx",
    "onnx",
    "onnxruntime",
    "phonemizer",
    "pooch",
    "prometheus_client",
    "psutil",
    "redis",
}


def run_python(*arguments: str) -> str:
    """Return the output of a Python process."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=ROOT).stdout


# Dependencies


def read_requirements() -> dict[str, list[Requirement]]:
    """Return the requirements of the project by extra; those of the project itself have the extra ``."""
    project = parse_toml((ROOT / "pyproject.toml").read_bytes())["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: [Requirement(text) for text in texts] for extra, texts in groups.items()}


def test_each_dependency_has_an_upper_bound() -> None:
    """The tools of developers have exact versions in constraints.txt."""
    unbounded = [
        item.name
        for extra, requirements in read_requirements().items()
        for item in requirements
        if extra != "dev" and not {"==", "<"} & {part.operator for part in item.specifier}
    ]
    assert unbounded == []


def test_constraints_have_a_version_of_each_dependency_for_each_python() -> None:
    """The first lines of constraints.txt say how to update it."""
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pinned = [Requirement(line) for line in lines]
    for python in ("3.10", "3.11", "3.12", "3.13", "3.14"):
        environment = {"python_version": python, "python_full_version": f"{python}.4"}
        versions = {
            canonicalize_name(item.name): str(item.specifier).removeprefix("==")
            for item in pinned
            if item.marker is None or item.marker.evaluate(environment)
        }
        for extra, requirements in read_requirements().items():
            for item in requirements:
                if item.name != "wyoming-kokoro" and (item.marker is None or item.marker.evaluate(environment)):
                    assert item.specifier.contains(versions[canonicalize_name(item.name)], prereleases=True), (
                        extra,
                        item,
                    )


# The wheel


@pytest.fixture(scope="module")
def built_wheel(wheel: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(wheel)


@pytest.mark.slow
def test_wheel_contains_exactly_the_files_of_the_packages(built_wheel: zipfile.ZipFile) -> None:
    trees = [(ROOT, ROOT / "wyoming_kokoro"), *((ROOT / "plugins", package) for package in PLUGIN_PACKAGES)]
    expected = {
        file.relative_to(root).as_posix()
        for root, tree in trees
        for file in tree.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert {"wyoming_kokoro/py.typed", "wyoming_kokoro/data/voices.npz"} <= expected
    assert {name for name in built_wheel.namelist() if ".dist-info/" not in name} == expected


@pytest.mark.slow
def test_wheel_contains_licence_and_notice(built_wheel: zipfile.ZipFile) -> None:
    metadata = {name.split(".dist-info/")[1] for name in built_wheel.namelist() if ".dist-info/" in name}
    assert metadata == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "entry_points.txt",
        "licenses/LICENSE",
        "licenses/NOTICE",
    }


@pytest.mark.slow
def test_wheel_has_an_entry_point_for_each_plugin_folder(built_wheel: zipfile.ZipFile) -> None:
    (file,) = (name for name in built_wheel.namelist() if name.endswith("entry_points.txt"))
    entries = configparser.ConfigParser(delimiters=("=",))
    entries.read_string(built_wheel.read(file).decode())
    modules = {name: value.split(":")[0] for name, value in entries["wyoming_kokoro"].items()}
    assert modules == {package.name.removeprefix("wyoming_kokoro_"): package.name for package in PLUGIN_PACKAGES}
    assert dict(entries["console_scripts"]) == {"wyoming-kokoro": "wyoming_kokoro.__main__:main"}


# The hooks


def test_installed_entry_points_match_the_plugin_folders() -> None:
    """The installation under test must be an up-to-date editable install."""
    folders = {package.name.removeprefix("wyoming_kokoro_"): package.name for package in PLUGIN_PACKAGES}
    assert {name: entry.module for name, entry in BUILTIN_ENTRIES.items()} == folders


@pytest.mark.parametrize("hook", HOOKS)
def test_hook_docstring_has_an_example(hook: str) -> None:
    description, _, example = (inspect.getdoc(HOOKS[hook]) or "").partition("Example:")
    assert re.match(r"(Return|Receive) .+\.", description)
    assert f"@hookimpl\n    def {hook}(self" in example


def test_hooks_page_has_a_section_with_the_signature_of_each_hook() -> None:
    page = (ROOT / "docs" / "plugins" / "hooks.md").read_text("utf-8")
    signatures = [(name, f"{name}{inspect.signature(spec)}".replace("'", "")) for name, spec in HOOKS.items()]
    assert re.findall(r"^## (kokoro_\w+)\n\n```python\ndef (.+)\n```$", page, re.MULTILINE) == signatures


def hook_implementations() -> Iterator[tuple[str, str, Any]]:
    """Yield the plugin, the hook and the method of each hook of the built-in plugins."""
    for plugin, entry in BUILTIN_ENTRIES.items():
        for name, method in inspect.getmembers(entry.load(), inspect.isfunction):
            if hasattr(method, "wyoming_kokoro_impl"):
                yield plugin, name, method


def test_every_hook_is_implemented_by_a_builtin_plugin() -> None:
    assert {hook for _, hook, _ in hook_implementations()} == set(HOOKS)


@pytest.mark.parametrize(("hook", "method"), [pytest.param(h, m, id=f"{p} {h}") for p, h, m in hook_implementations()])
def test_hook_implementation_has_the_types_of_the_specification(hook: str, method: Any) -> None:
    """pluggy compares only the names of arguments."""
    spec = inspect.signature(HOOKS[hook])
    implementation = inspect.signature(method)
    for name, parameter in list(implementation.parameters.items())[1:]:
        assert parameter == spec.parameters[name]
    result = str(spec.return_annotation)
    narrower = (result.replace("Iterable", "Iterator"), result.removesuffix(" | None"))
    assert implementation.return_annotation in (result, *narrower)


# The sources


def test_class_names_are_unique() -> None:
    """A reader who searches for a class finds one. Each plugin may have its own `Settings`."""
    files = defaultdict(list)
    for file in (file for folder in CODE_FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name != "Settings":
                files[node.name].append(file.relative_to(ROOT).as_posix())
    assert {name: places for name, places in files.items() if len(places) > 1} == {}


def test_folders_have_few_modules() -> None:
    """A reader takes in so many names at one sight."""
    modules = [file for folder in CODE_FOLDERS for file in (ROOT / folder).rglob("*.py") if file.name != "__init__.py"]
    counts = Counter(file.parent.relative_to(ROOT).as_posix() for file in modules)
    assert {folder: count for folder, count in counts.items() if count > MAX_MODULES} == {}


def test_version_is_printed() -> None:
    assert run_python("-m", "wyoming_kokoro", "--version") == f"wyoming-kokoro {wyoming_kokoro.__version__}\n"


@pytest.mark.parametrize(
    "module", ["wyoming_kokoro", "wyoming_kokoro.cli.main", "wyoming_kokoro.onnx", *(p.name for p in PLUGIN_PACKAGES)]
)
def test_module_does_not_import_slow_packages(module: str) -> None:
    """The server listens sooner when slow packages are imported on first use."""
    code = f"import {module}, sys; print(*sorted(name.partition('.')[0] for name in sys.modules))"
    loaded = set(run_python("-c", code).split())
    assert "wyoming_kokoro" in loaded
    assert loaded.isdisjoint(SLOW_IMPORTS)


def test_every_module_can_be_imported_and_has_a_docstring() -> None:
    for root, folder in ((ROOT, "wyoming_kokoro"), (ROOT / "plugins", ".")):
        for file in sorted((root / folder).rglob("*.py")):
            name = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            assert importlib.import_module(name).__doc__
