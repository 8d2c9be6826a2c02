"""A JupyterLab of its own in a folder of its own, in a headless Chromium: enough to open a notebook and run it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from browser import Browser

PATIENCE = 90  # seconds
OPTIONS = ("--no-browser", "--allow-root", "--port=0", "--IdentityProvider.token=",
           "--LabApp.expose_app_in_browser=True")
FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
           "JUPYTERLAB_WORKSPACES_DIR")
NOTEBOOK = "[...jupyterapp.shell.widgets('main')].find(widget => widget.sessionContext)"
QUIET = {"@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"}}


class Lab:
    """A server on a free port; use as a context."""

    def __init__(self, folder: Path, scratch: Path, **environment: str) -> None:
        own = {name: str(scratch / name.lower()) for name in FOLDERS}
        for name, settings in QUIET.items():
            file = (scratch / "jupyterlab_settings_dir" / name.replace(":", "/")).with_suffix(".jupyterlab-settings")
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps(settings), encoding="utf-8")
        self._log = (scratch / "lab.log").open("w", encoding="utf-8")
        command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *OPTIONS]
        self._process = subprocess.Popen(command, env={**os.environ, **own, **environment}, stdout=self._log,
                                         stderr=self._log)
        self.address = self._wait(Path(own["JUPYTER_RUNTIME_DIR"]))

    def _wait(self, runtime: Path) -> str:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self._process.poll() is None, "JupyterLab ended; see lab.log"
            for file in runtime.glob("jpserver-*.json"):
                try:
                    address = json.loads(file.read_text(encoding="utf-8"))["url"]
                    urlopen(f"{address}api", timeout=5).close()
                    return address
                except (OSError, ValueError):
                    pass
            time.sleep(0.2)
        raise AssertionError("JupyterLab does not answer")

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        self._log.close()


class Analyst(Browser):
    """The browser as somebody sits before it who works in JupyterLab."""

    def open_notebook(self, lab: Lab, name: str, *, width: int = 1280, height: int = 900) -> None:
        """Open a notebook with the side bar folded, and wait until its kernel is there."""
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._ask("Emulation.setFocusEmulationEnabled", enabled=True)  # a notebook without the focus takes no commands
        self._ask("Page.navigate", url=f"{lab.address}lab/tree/{name}?reset")
        self.until("document.querySelectorAll('.jp-Notebook .jp-Cell').length > 3")
        self.command("application:toggle-left-area")

    def run_all(self) -> None:
        """Run all cells, as the menu does, and wait until the last has run."""
        self.until(f"{NOTEBOOK}.sessionContext.session.kernel.status === 'idle'")
        self.value(f"jupyterapp.shell.activateById({NOTEBOOK}.id) || true")
        self.until(f"jupyterapp.shell.currentWidget === {NOTEBOOK}")
        self.command("notebook:run-all-cells")

    def command(self, name: str) -> None:
        """Run a command of JupyterLab's and wait for it."""
        self._ask("Runtime.evaluate", expression=f"jupyterapp.commands.execute({json.dumps(name)}).then(() => true)",
                  awaitPromise=True, returnByValue=True)

    def until(self, expression: str) -> None:
        """Wait until an expression is true on the page."""
        limit = time.monotonic() + PATIENCE
        while not self.value(f"(() => {{ try {{ return Boolean({expression}) }} catch {{ return false }} }})()"):
            assert time.monotonic() < limit, f"never true: {expression}"
            time.sleep(0.2)
