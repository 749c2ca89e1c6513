"""How long our functions are: short enough to be read at once."""

import ast
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
PATHS = [ROOT / "app.py", ROOT / "image_colorizer.py", *sorted((ROOT / "colorizer").rglob("*.py"))]
LONGEST, MIDDLE = 40, 6  # lines of a body, without its docstring


def body_lengths() -> dict[str, int]:
    """Return the lines of each function's body by "file:line name"."""
    return {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": length_of(node)
        for path in PATHS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    lengths = body_lengths()
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}
    assert median(lengths.values()) <= MIDDLE
