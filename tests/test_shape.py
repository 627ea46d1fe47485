"""The shape of the tree: sizes, names and places that no linter checks."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FUNCTION = 30
LONGEST_FILE = 300
LONGEST_TEST_FILE = 400
LONGEST_WORKFLOW_FILE = 80
VAGUE = ("util", "helper", "common", "manager", "service", "misc")


def sources() -> list[Path]:
    """Every Python file that git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split() if (ROOT / name).exists()]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and body size of each function: its lines from `def` on, the docstring's lines left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            name = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            yield name, (node.end_lineno or 0) - node.lineno + 1 - docstring


def is_test(path: Path) -> bool:
    return path.is_relative_to(ROOT / "tests")


def test_no_function_is_longer_than_thirty_lines_beside_its_docstring() -> None:
    long = [(name, size) for path in sources() if not is_test(path) for name, size in functions(path)]
    assert [row for row in long if row[1] > LONGEST_FUNCTION] == []


def test_no_file_is_longer_than_the_bar() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    long = {
        name: lines
        for name, lines in lengths.items()
        if lines > (LONGEST_TEST_FILE if name.startswith("tests/") else LONGEST_FILE)
    }
    assert long == {}


def test_a_workflow_file_reads_on_one_screen() -> None:
    jobs = [path for path in (ROOT / "workflows").glob("*.py") if path.name != "catalog.py"]
    assert [path.name for path in jobs if len(path.read_text().splitlines()) > LONGEST_WORKFLOW_FILE] == []


def test_no_name_of_a_file_says_nothing() -> None:
    assert [str(p.relative_to(ROOT)) for p in sources() if any(word in p.stem for word in VAGUE)] == []


def test_tests_are_no_package_since_their_folders_would_shadow_ours() -> None:
    assert [p for p in sources() if is_test(p) and p.name == "__init__.py"] == []


def test_docker_is_no_package_since_it_would_shadow_the_library() -> None:
    assert not (ROOT / "docker" / "__init__.py").exists()
