"""A headless Chromium, driven by its DevTools protocol. Runs in the environment (websocket-client)."""

import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

from devtools.console import DevError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    # Chromium refuses its sandbox to root; the only pages it opens here are our own server's.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-allow-origins=*",
    "--remote-debugging-port=0",
)
START_SECONDS = 30


class Browser:
    """Use it as a context manager; `send` calls a method of the protocol and waits for its answer."""

    def __init__(self, width, height, language):
        self.size = width, height
        self.language = language.replace("_", "-")
        self._numbers = itertools.count(1)

    def __enter__(self):
        program = next((path for name in NAMES if (path := shutil.which(name))), None)
        if not program:
            raise DevError("Chromium is not installed: apt install chromium.")
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [
                program,
                *FLAGS,
                f"--user-data-dir={self._profile.name}",
                f"--window-size={self.size[0]},{self.size[1]}",
                f"--lang={self.language}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._connect(self._read_port())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._process.kill()
        self._process.wait()
        self._profile.cleanup()

    def _read_port(self):
        """Chromium writes the port that it chose into its profile."""
        path = Path(self._profile.name) / "DevToolsActivePort"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if path.exists() and path.read_text().strip():
                return int(path.read_text().split()[0])
            time.sleep(0.1)
        raise DevError("Chromium did not start.")

    def _connect(self, port):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
            [page, *_others] = [target for target in json.load(answer) if target["type"] == "page"]
        self._socket = websocket.create_connection(
            page["webSocketDebuggerUrl"], timeout=60, http_no_proxy=["127.0.0.1"]
        )
        self.send("Page.enable")
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=self.size[0],
            height=self.size[1],
            deviceScaleFactor=1,
            mobile=False,
        )

    def send(self, method, **params):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            # Events come in between; none of them matters here.
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise DevError(f"Chromium refused {method}: {message['error'].get('message')}.")
                return message["result"]

    def evaluate(self, expression):
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return result.get("result", {}).get("value")

    def set_cookie(self, url, name, value):
        self.send("Network.setCookie", url=url, name=name, value=value, httpOnly=True)

    def open(self, url):
        self.send("Page.navigate", url=url)

    def wait_for(self, expression, seconds):
        """Wait until the JavaScript expression holds, and go on holding for a moment."""
        deadline = time.monotonic() + seconds
        held = 0
        while time.monotonic() < deadline:
            held = held + 1 if self.evaluate(expression) else 0
            if held >= 5:
                return True
            time.sleep(0.2)
        return False

    def screenshot(self, path):
        image = self.send("Page.captureScreenshot", format="png")
        Path(path).write_bytes(base64.b64decode(image["data"]))
