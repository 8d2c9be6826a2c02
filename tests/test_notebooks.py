"""Notebooks are thin, clean, and run from top to bottom on the sample."""

import ast
import json
from pathlib import Path

import nbformat
import pytest

from pace_analysis.errors import NotebookError
from pace_analysis.ledger import LedgerError
from pace_analysis.report.build import run_notebook

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
REFUSED = (ast.FunctionDef, ast.Lambda, ast.For, ast.While, ast.If, ast.ListComp, ast.DictComp, ast.With, ast.Try)


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def is_parameters(cell: dict) -> bool:
    return "parameters" in cell["metadata"].get("tags", [])


def code_cells(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "code" and not is_parameters(cell)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestEveryNotebook:
    def test_is_committed_without_outputs_and_with_stable_ids(self, path):
        for index, cell in enumerate(cells(path)):
            assert cell["id"] == f"c{index:02d}"
            assert not cell.get("outputs") and cell.get("execution_count") is None

    def test_has_one_parameters_cell_before_any_other_code(self, path):
        code = [cell for cell in cells(path) if cell["cell_type"] == "code"]
        assert [is_parameters(cell) for cell in code] == [True] + [False] * (len(code) - 1)

    def test_holds_one_statement_a_cell_and_no_logic(self, path):
        for source in code_cells(path):
            tree = ast.parse(source)
            assert len(tree.body) == 1, source
            nodes = list(ast.walk(tree))
            assert not [node for node in nodes if isinstance(node, REFUSED)], source
            assert "groupby" not in source

    def test_holds_no_numbers_outside_the_parameters_cell(self, path):
        literals = [node.value for source in code_cells(path) for node in ast.walk(ast.parse(source))
                    if isinstance(node, ast.Constant) and not isinstance(node.value, str)]
        assert [value for value in literals if isinstance(value, int | float) and not isinstance(value, bool) and value != 0.5] == []

    def test_runs_from_top_to_bottom_on_the_sample(self, path, monkeypatch):
        monkeypatch.chdir(ROOT)
        executed = run_notebook(path, {})
        assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")
        shown = [output for cell in executed.cells if cell.cell_type == "code" for output in cell.outputs]
        assert [output for output in shown if output.output_type == "display_data" or "data" in output]


def test_a_parameter_that_the_notebook_does_not_declare_is_refused_before_it_runs():
    with pytest.raises(NotebookError, match="authorty") as refused:
        run_notebook(ROOT / "notebooks" / "02_board_report.ipynb", {"authorty": "exampleshire"})
    assert refused.value.remedy == "Did you mean 'authority'?"


def test_a_mistake_that_a_cell_meets_is_said_as_itself(tmp_path):
    """Of whatever kind: the ledger, the charts and the estimates have kinds of their own."""
    raised = 'raise LedgerError("It was changed.", where="ledger.jsonl", remedy="Put it back.")'
    source = f"from pace_analysis.ledger import LedgerError\n{raised}"
    cell = nbformat.v4.new_code_cell(source, id="c00")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "changed.ipynb")
    with pytest.raises(LedgerError) as said:
        run_notebook(tmp_path / "changed.ipynb", {})
    assert (said.value.what, said.value.where, said.value.remedy) == ("It was changed.", "ledger.jsonl", "Put it back.")
