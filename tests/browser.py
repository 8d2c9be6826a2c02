"""A headless Chromium, spoken to over its own debugging protocol: enough to open a page and ask it things."""

import base64
import json
import re
import subprocess
from itertools import count
from pathlib import Path

import websocket

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--remote-debugging-port=0", "--remote-allow-origins=*"]


class Browser:
    """One page in one browser; use as a context."""

    def __init__(self, chromium: str, profile: Path) -> None:
        self._process = subprocess.Popen([chromium, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
                                         stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self._numbers, self.messages = count(1), []
        address = next(match[1] for line in self._process.stderr if (match := re.search(r"listening on (ws://\S+)", line)))
        self._socket = websocket.create_connection(address, timeout=60)
        target = next(one for one in self._ask("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self._session = self._ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime", "Network"):
            self._ask(f"{domain}.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=30)
        self._process.stderr.close()

    def open(self, page: Path, *, width: int, height: int = 900) -> None:
        """Load a page at a width; console messages and requests are kept in ``messages``."""
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._ask("Page.navigate", url=page.as_uri())
        self._wait("Page.loadEventFired")

    def value(self, expression: str):
        """Return what a JavaScript expression gives on the page."""
        return self._ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"]["value"]

    def pdf(self) -> bytes:
        """Print the page by its own style sheet."""
        return base64.b64decode(self._ask("Page.printToPDF", preferCSSPageSize=True)["data"])

    def screenshot(self) -> bytes:
        """Return the whole page as PNG."""
        return base64.b64decode(self._ask("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def _ask(self, method: str, **parameters) -> dict:
        number = next(self._numbers)
        session = {"sessionId": self._session} if hasattr(self, "_session") else {}
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters, **session}))
        while True:
            answer = self._take()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def _wait(self, event: str) -> None:
        while self._take().get("method") != event:
            pass

    def _take(self) -> dict:
        message = json.loads(self._socket.recv())
        if message.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.messages.append(message["params"])
        if message.get("method") == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith(("file:", "data:")):
                self.messages.append({"request": url})
        return message
