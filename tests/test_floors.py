"""The rooms stay where they are: who may import whom, who may draw, who may publish."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "pace_analysis"
FLOORS = {
    "errors": 0, "dates": 0, "disk": 0, "settings": 0, "pathways": 0,
    "tables": 1, "survival": 1, "improvement": 1,
    "extract": 2, "care": 2, "scale": 2,
    "publish": 3,
    "measures": 4, "ledger": 4, "readings": 4, "study": 4, "aims": 4, "everyday": 4, "journey": 4, "effects": 4, "outlook": 4, "balancing": 4,
    "caselist": 4, "compare": 4, "answers": 4, "sharing": 4,
    "figures": 5,
    "report": 6,
    "batch": 7,
    "options": 8, "progress": 8, "commands_batch": 8, "commands_compare": 8, "commands_figures": 8, "commands_rerun": 8,
    "commands_sharing": 8, "cli": 8, "__main__": 9, "__init__": 9,
}
DRAWING = {"matplotlib", "seaborn"}
OUTSIDE = {  # third-party packages a floor may import
    0: {"pydantic", "numpy", "filelock"},
    1: {"numpy", "pandas", "scipy", "lifelines"},
    2: {"numpy", "pandas", "openpyxl", "pyarrow", "duckdb", "ibis"},
    3: {"numpy", "pandas", "scipy"},
    4: {"numpy", "pandas", "filelock"},
    5: {"numpy", "pandas", *DRAWING},
    6: {"papermill", "nbconvert", "nbclient", "nbformat", "jupyter_client", "jinja2", "filelock", "traitlets", "pandas", "openpyxl", "docx", "lxml",
        "typst", "PIL"},
    7: {"IPython", "distributed", "jinja2", "nbformat", "numpy", "pandas", "papermill", "traitlets"},
    8: {"click", "tqdm"},
    9: set(),
}
HEAVY = {"numpy", "pandas", "scipy", "matplotlib", "seaborn", "lifelines", "papermill", "nbconvert", "nbformat", "nbclient",
         "openpyxl", "pyarrow", "duckdb", "ibis", "pydantic", "IPython", "jinja2", "tqdm", "docx", "lxml", "typst", "distributed", "PIL"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Dotted names imported anywhere in a module."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively; write the full name"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def our_rooms(path: Path) -> set[str]:
    parts = [name.split(".") for name in imported(path) if name.startswith("pace_analysis.")]
    return {part[1] for part in parts if part[1] in FLOORS}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
class TestEveryModule:
    def test_imports_only_from_lower_floors_or_its_own_room(self, path):
        own = room(path)
        if own == "__main__":
            return
        climbs = {name for name in our_rooms(path) if name != own and FLOORS[name] >= FLOORS[own]}
        # floors 0, 4 and 8 are single modules that build on one another, never in a circle
        if FLOORS[own] in (0, 4, 8):
            order = list(FLOORS)
            climbs = {name for name in climbs if FLOORS[name] > FLOORS[own] or order.index(name) > order.index(own)}
        assert not climbs, f"{own} is on floor {FLOORS[own]} and may not import {climbs}"

    def test_imports_only_the_outside_packages_of_its_floor(self, path):
        outside = {name.split(".")[0] for name in imported(path)} - {"pace_analysis"} - sys.stdlib_module_names
        extra = outside - OUTSIDE[FLOORS[room(path)]]
        assert not extra, f"floor {FLOORS[room(path)]} may not import {extra}"

    def test_is_short_enough_to_read(self, path):
        source = path.read_text(encoding="utf-8")
        assert len(source.splitlines()) <= 300
        long = [node.name for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and code_lines(node) > 40]
        assert not long, f"functions over 40 lines: {long}"

    def test_public_functions_and_classes_say_what_they_are(self, path):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree) or not tree.body or path.name == "__main__.py"
        silent = [node.name for node in tree.body
                  if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
                  and not ast.get_docstring(node) and not is_rule(node)]
        assert not silent, f"without a docstring: {silent}"


def is_rule(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """A validation rule says what it is in its decorator."""
    return any(isinstance(made, ast.Call) and getattr(made.func, "id", "") == "rule" for made in node.decorator_list)


def code_lines(node: ast.FunctionDef) -> int:
    docstring = ast.get_docstring(node, clean=False)
    return node.end_lineno - node.lineno + 1 - (len(docstring.splitlines()) if docstring else 0)


def test_only_figures_draws():
    drawers = {room(path) for path in MODULES if DRAWING & {name.split(".")[0] for name in imported(path)}}
    assert drawers == {"figures"}


def test_only_the_gate_writes_published():
    """`Release.PUBLISHED` is used to make something in one module alone; elsewhere it may only be compared with."""
    makers = set()
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        compared = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "PUBLISHED" and id(node) not in compared:
                makers.add(path.relative_to(PACKAGE).as_posix())
    assert makers == {"publish/disclosure/marks.py"}


def test_help_imports_no_heavy_package():
    code = ("import sys; from pace_analysis.cli import main\n"
            "try: main(['--help'])\nexcept SystemExit as stop: assert stop.code == 0\n"
            "print(sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "permanence" in run.stdout
    loaded = set(ast.literal_eval(run.stderr))
    assert not loaded & HEAVY


def test_every_public_name_resolves():
    import pace_analysis

    for name in pace_analysis.__all__:
        assert getattr(pace_analysis, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        pace_analysis.nothing
