"""The pages in docs/ match the source."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.data.make_configuration_page import PAGE, format_page
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro_text.steps import STEPS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"])
REPOSITORY = re.escape("https://github.com/wyoming-kokoro/wyoming-kokoro/")
FILE_URL = re.compile(REPOSITORY + r"(?:blob|tree)/main/([^\s)>#\"]+)")
SYMBOL_LINK = re.compile(r"\[`([\w.]+)`\](?:\((\S+)\)|\[(\w+)\])")
NUMBER_ROW = re.compile(r"^\| `([^`]+)` \| \[`(\w+)`\]\((\S+)\) \|", re.MULTILINE)
MAX_README_WORDS = 900


def symbol_links(page: str) -> Iterator[tuple[str, Path]]:
    """Yield each name of a function, class or constant that links to a Python file, and the file."""
    references = dict(re.findall(r"^\[(\w+)\]: (\S+)$", page, re.MULTILINE))
    for name, url, reference in SYMBOL_LINK.findall(page):
        target = FILE_URL.fullmatch(url or references.get(reference, ""))
        if target and target[1].endswith(".py") and not name.endswith(".py"):
            yield name, ROOT / target[1]


def defined_names(file: Path) -> set[str]:
    """Return the classes, functions, constants and methods of a module, such as `Stage.run`."""
    names = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            names.add(node.name)
            names |= {f"{node.name}.{inner.name}" for inner in node.body if hasattr(inner, "name")}
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def constant_value(file: Path, name: str) -> object:
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name) and target.id == name:
            return ast.literal_eval(node.value)
    return None


def test_configuration_page_is_up_to_date() -> None:
    """`python -m tools.data.make_configuration_page` writes it."""
    assert PAGE.read_text("utf-8") == format_page()


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= MAX_README_WORDS


def test_site_builds_without_warnings(tmp_path: Path) -> None:
    """mkdocs checks the navigation, the links and their anchors."""
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert built.returncode == 0, built.stdout + built.stderr


@pytest.mark.parametrize("name", ["pyproject.toml", "wyoming_kokoro_nickname.py", "test_nickname.py"])
def test_tutorial_shows_the_files_of_the_example(name: str) -> None:
    """tests/end_to_end/deployment/test_install.py installs and tests the example."""
    page = (ROOT / "docs" / "plugins" / "tutorial.md").read_text("utf-8")
    assert f"\n{(ROOT / 'examples' / 'text_filter' / name).read_text('utf-8')}```\n" in page


def test_metrics_of_the_operations_page_exist() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    sources = "".join(file.read_text("utf-8") for file in (ROOT / "plugins/wyoming_kokoro_dashboard").glob("*.py"))
    named = {name.removesuffix("_bucket") for name in re.findall(r"wyoming_kokoro_(\w+)", page)}
    assert {name for name in named if f'"{name}' not in sources} == set()


def test_hooks_page_lists_the_order_of_each_text_filter() -> None:
    page = (ROOT / "docs" / "plugins" / "hooks.md").read_text("utf-8")
    listed = {int(order): name for order, name in re.findall(r"\| (\d+) \| ([a-z ]+)(?= \|)", page)}
    filters = PluginManager.load(Config(plugins={"text": {"emoji": "name"}})).text_filters()
    assert listed.keys() == {item.order for item in filters}
    assert listed.items() >= {(step.order, step.name) for step in STEPS}


def test_linked_files_of_the_repository_exist() -> None:
    missing = set()
    for page in PAGES:
        text = page.read_text("utf-8")
        linked = {ROOT / path for path in FILE_URL.findall(text)}
        if page.parent == ROOT:
            linked |= {ROOT / path for path in re.findall(r"\]\(([^):#]+)(?:#[^)]*)?\)", text)}
        missing |= {file for file in linked if not file.exists()}
    assert missing == set()


def test_linked_names_are_defined_in_the_linked_files() -> None:
    links = {link for page in PAGES for link in symbol_links(page.read_text("utf-8"))}
    assert {(name, file) for name, file in links if not file.is_file() or name not in defined_names(file)} == set()


def test_numbers_of_the_scheduling_page_equal_the_constants() -> None:
    page = (ROOT / "docs" / "scheduling.md").read_text("utf-8")
    rows = [(value, name, ROOT / FILE_URL.sub(r"\1", url)) for value, name, url in NUMBER_ROW.findall(page)]
    assert rows
    wrong = {
        (value, name, file)
        for value, name, file in rows
        if not file.is_file() or constant_value(file, name) != ast.literal_eval(value)
    }
    assert wrong == set()
