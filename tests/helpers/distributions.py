"""Fixtures for fake distributions and for the built wheel.

Test modules load them with `pytest_plugins`.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from wyoming_kokoro.storage import file_lock

ROOT = Path(__file__).parents[2]
OWN = "wyoming-kokoro"
HEAD = """\
from __future__ import annotations
from contextlib import nullcontext
from wyoming_kokoro import *

class Plugin:
    def __init__(self, context):
        self.context = context

"""


class Site:
    """A folder on `sys.path`. Its distributions hide installed ones of the same name, also wyoming-kokoro."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, distribution: str, plugins: Mapping[str, str]) -> None:
        """Install version 1.2 of `distribution`. `plugins` maps names to the body of a plugin class."""
        sources = {name: HEAD + textwrap.indent(textwrap.dedent(body), "    ") for name, body in plugins.items()}
        self.add_modules(distribution, sources)

    def add_modules(self, distribution: str, plugins: Mapping[str, str]) -> None:
        """Install version 1.2 of `distribution`. `plugins` maps names to the source of a module with a `Plugin`."""
        stem = distribution.replace("-", "_")
        information = self.folder / f"{stem}-1.2.dist-info"
        information.mkdir(exist_ok=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
        lines = [f"{name} = {stem}_plugin_{name}:Plugin" for name in plugins]
        (information / "entry_points.txt").write_text("\n".join(["[wyoming_kokoro]", *lines, ""]))
        for name, source in plugins.items():
            (self.folder / f"{stem}_plugin_{name}.py").write_text(source)
        importlib.invalidate_caches()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site where wyoming-kokoro is installed without plugins."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    site = Site(folder)
    site.add(OWN, {})
    yield site
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


@pytest.fixture(scope="session")
def wheel(session_folder: Path) -> Path:
    """The wheel that users install. The pytest-xdist workers share it."""
    folder = session_folder / "wheel"
    folder.mkdir(exist_ok=True)
    with file_lock(folder / ".lock"):
        if not list(folder.glob("*.whl")):
            command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    (file,) = folder.glob("*.whl")
    return file
