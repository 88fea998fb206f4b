from __future__ import annotations

import ast
from pathlib import Path

import numpy as np

from wyoming_kokoro.model.matrices import product

ROOT = Path(__file__).parents[2]
PRODUCTS = {f"np.{name}" for name in ("matmul", "dot", "vdot", "inner", "outer", "tensordot", "einsum")}


def test_product_with_floating_point_flags_does_not_warn() -> None:
    """Any warning is an error in the tests. These numbers set the flags that BLAS sets by mistake on arm64."""
    huge = np.full((2, 2), 1e38, np.float32)
    assert np.isinf(product(huge, huge)).all()
    assert np.isnan(product(np.array([np.inf]), np.array([0.0])))


def test_every_matrix_product_of_the_program_is_free_of_warnings() -> None:
    found = []
    for file in [*(ROOT / "wyoming_kokoro").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            is_operator = isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.MatMult)
            if is_operator or (isinstance(node, ast.Attribute) and ast.unparse(node) in PRODUCTS):
                found.append(file.name)
    assert found == ["matrices.py"]
