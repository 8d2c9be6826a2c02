"""A papermill engine that runs a notebook in its own process: no kernel is started, and what is imported stays so.

Outputs are those that a kernel gives. What a notebook changes outside its own names stays changed: see :mod:`.asnew`.
"""

from __future__ import annotations

import atexit
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import papermill
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config

from pace_analysis.report.running import must_declare, said_of

NAME = "pace-in-process"

# the history of a shell is a database in the user's home; a report leaves no trace there
QUIET = Config(HistoryManager={"enabled": False, "hist_file": ":memory:"}, InteractiveShell={"colors": "nocolor"})


class InProcess(Engine):
    """Run the cells of a notebook one after the other in a fresh shell of this process, until one fails."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
        """Fill in the outputs of ``nb_man.nb``; options that are about kernels have no meaning here."""
        with _fresh_shell() as shell:
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                passed = cell.cell_type != "code" or not cell.source.strip() or _run(shell, cell)
                if not passed:
                    nb_man.cell_exception(cell, index)
                nb_man.cell_complete(cell, index)
                if not passed:
                    return


papermill_engines.register(NAME, InProcess)


def run_here(path: Path, parameters: Mapping[str, Any], *, meanwhile: Callable[[], None] = lambda: None) -> Any:
    """Execute a notebook in this process and return it; raises as :func:`pace_analysis.report.running.run_notebook` does.

    ``meanwhile`` is called first: beside the notebook, its warnings would be taken for those of a cell.
    """
    must_declare(path, parameters)
    meanwhile()
    try:
        return papermill.execute_notebook(str(path), None, parameters=dict(parameters), engine_name=NAME, kernel_name="python3",
                                          progress_bar=False)
    except Exception as error:
        raise said_of(error, path) from None


class _Outputs(list):
    """Outputs of one cell, in the order in which they come."""

    def write(self, name: str, text: str) -> None:
        if self and self[-1].output_type == "stream" and self[-1].name == name:
            self[-1].text += text
        elif text:
            self.append(new_output("stream", name=name, text=text))


class _Stream(io.TextIOBase):
    def __init__(self, name: str, outputs: _Outputs) -> None:
        super().__init__()
        self._name, self._outputs = name, outputs

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._outputs.write(self._name, text)
        return len(text)


class _Publisher(DisplayPublisher):
    """Keeps what ``display`` shows."""

    def publish(self, data: dict, metadata: dict | None = None, **kwargs: Any) -> None:
        self.shell.outputs.append(new_output("display_data", data=data, metadata=metadata or {}))


class _Hook(DisplayHook):
    """Keeps what the last line of a cell shows."""

    def start_displayhook(self) -> None:
        pass

    write_output_prompt = finish_displayhook = start_displayhook

    def log_output(self, format_dict: dict) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.outputs.append(new_output("execute_result", data=format_dict, metadata=md_dict or {},
                                             execution_count=self.prompt_count))


class _Shell(InteractiveShell):
    outputs: _Outputs

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.outputs.append(new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=stb))


@contextmanager
def _fresh_shell() -> Iterator[_Shell]:
    main = sys.modules["__main__"]
    _Shell.clear_instance()
    # display() looks for the one shell of the process
    shell = _Shell.instance(config=QUIET, user_module=ModuleType("__main__"), display_pub_class=_Publisher,
                            displayhook_class=_Hook)
    try:
        yield shell
    finally:
        _Shell.clear_instance()
        # a shell waits for the end of the process, and would keep all that the notebook named until then
        atexit.unregister(shell.atexit_operations)
        shell.user_ns.clear()
        sys.modules["__main__"] = main


def _run(shell: _Shell, cell: Any) -> bool:
    """Run one cell and keep its outputs; whether it went through."""
    shell.outputs = _Outputs()
    cell.execution_count = shell.execution_count
    with redirect_stdout(_Stream("stdout", shell.outputs)), redirect_stderr(_Stream("stderr", shell.outputs)):
        result = shell.run_cell(cell.source, store_history=True)
    cell.outputs = list(shell.outputs)
    return result.success
