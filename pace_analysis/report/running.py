"""One notebook, executed: in a thread of its own, so that Ctrl-C is heard at once and other work is done meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pace_analysis.errors import NotebookError, PaceError, nearest
from pace_analysis.report.quickstart import skip_slow_import

CELL_SECONDS = 600  # a cell that takes longer hangs; nothing here does
BEAT = 0.2  # seconds between two looks at the thread: where waiting hears no Ctrl-C, a short wait does
LOOK = "Open the notebook in JupyterLab and run all cells to see why."


def run_notebook(path: Path, parameters: Mapping[str, Any], *, seconds: float | None = None,
                 meanwhile: Callable[[], None] = lambda: None):
    """Execute a notebook through papermill and return it; a parameter it does not declare is refused first.

    Parameters
    ----------
    path : Path
    parameters : mapping
    seconds : float, optional
        Longest time that a cell may take; ``CELL_SECONDS`` by default.
    meanwhile : callable, optional
        Called while the notebook runs; what it raises stops the notebook and is raised here.

    Raises
    ------
    NotebookError
        Unknown parameter, a cell that failed for a reason nobody foresaw or took too long, or a kernel that ended.
    PaceError
        What a cell raised, as it was raised there.
    """
    must_declare(path, parameters)
    run = _Run(path, dict(parameters), seconds or CELL_SECONDS)
    run.start()
    try:
        meanwhile()
        while run.is_alive():
            run.join(BEAT)
    except BaseException:
        run.stop()
        raise
    if run.error is not None:
        raise said_of(run.error, path) from None
    return run.executed


def must_declare(path: Path, parameters: Mapping[str, Any]) -> None:
    """Raise NotebookError for a parameter that a notebook does not declare."""
    skip_slow_import()
    import papermill

    declared = papermill.inspect_notebook(str(path))
    for name in parameters:
        if name not in declared:
            raise NotebookError(f"The notebook has no parameter '{name}'.", where=path.name, remedy=nearest(name, declared))


class _Run(threading.Thread):
    """The notebook on its way; a thread that is killed with its process, however that ends."""

    def __init__(self, path: Path, parameters: dict[str, Any], seconds: float) -> None:
        super().__init__(daemon=True)
        self.path, self.parameters, self.seconds = path, parameters, seconds
        self.executed: Any = None
        self.error: Exception | None = None
        self.kernels: list[Any] = []

    def run(self) -> None:
        import papermill
        from traitlets.config import Config

        try:
            self.executed = papermill.execute_notebook(
                str(self.path), None, parameters=self.parameters, kernel_name="python3", cwd=str(Path.cwd()), progress_bar=False,
                execution_timeout=self.seconds, record_timing=False, shutdown_kernel="immediate",
                config=Config(KernelManager={"transport_encryption": "required"}), kernel_manager_class=_kept_in(self.kernels),
            )
        except Exception as error:  # noqa: BLE001  raised again where the notebook is waited for
            self.error = error
        finally:
            _close_loop()

    def stop(self) -> None:
        """End the kernel, and wait until the thread has noticed: nothing may write into the folder that is given up."""
        import asyncio

        # that the kernel died is no news to anybody: it is ended here, for another reason that is said
        logging.getLogger("papermill").setLevel(logging.CRITICAL)
        while self.is_alive():
            for kernel in self.kernels:
                if kernel.has_kernel:
                    asyncio.run(kernel.provisioner.kill())
            self.join(BEAT)


def _close_loop() -> None:
    """End what nbclient left waiting in this thread, of a notebook that did not come to its end, and close its loop."""
    import asyncio

    try:
        loop = asyncio.get_event_loop()
    except RuntimeError:  # it failed before there was one
        return
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
    loop.close()


def _kept_in(kernels: list[Any]) -> type:
    """Return the class of kernel managers that nbclient uses, each of which adds itself to ``kernels``."""
    from jupyter_client.manager import AsyncKernelManager

    class Kept(AsyncKernelManager):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            kernels.append(self)

    return Kept


def said_of(error: Exception, path: Path) -> Exception:
    """Return a failed run as the PaceError that says what happened; what nobody foresaw stays as it is."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, PapermillExecutionError):
        return _cell_error(error, path)
    if isinstance(error, CellTimeoutError):
        return NotebookError("A cell of the notebook took too long and was stopped.", where=path.name, remedy=LOOK)
    if isinstance(error, DeadKernelError) or str(error).startswith("Kernel d"):  # "died before ...", "didn't respond in ..."
        return NotebookError("The kernel that ran the notebook ended before the notebook did.", where=path.name,
                             remedy="Check that there is memory enough, then run again.")
    return error


def _kinds(parent: type[PaceError]) -> dict[str, type[PaceError]]:
    """Return a kind of error and those made from it, by name."""
    found = {parent.__name__: parent}
    for child in parent.__subclasses__():
        found |= _kinds(child)
    return found


def _cell_error(error: Any, path: Path) -> PaceError:
    from pace_analysis.report import paper  # noqa: F401  defines every kind of mistake that a notebook meets

    kind = _kinds(PaceError).get(str(error.ename))
    if kind is not None:
        what, _, rest = str(error.evalue).partition("\n  ")
        where, _, remedy = rest.partition("\n  ")
        return kind(what, where=where, remedy=remedy)
    return NotebookError(f"Cell {error.exec_count} of the notebook failed: {error.ename}.", where=path.name, remedy=LOOK)
