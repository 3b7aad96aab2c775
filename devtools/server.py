"""One Odoo server process: start it, wait for it, call it, stop it, kill it.

`./dev run` uses it, and so do the tests that need a real process on a committed
database.
"""

import contextlib
import http.cookiejar
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from .console import DevError, tail

HOST = "127.0.0.1"
READY_SECONDS = 180
STOP_SECONDS = 20


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def is_port_free(port):
    """Tell whether a server could listen there."""
    with socket.socket() as probe:
        # As Odoo does: the remains of closed connections do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def require_free_port(port):
    if not is_port_free(port):
        raise DevError(f"Port {port} is taken: stop what listens there, or choose another with --port.")


class RpcError(Exception):
    """The server answered with an error; `name` is the class of its exception."""

    def __init__(self, error):
        data = error.get("data") or {}
        self.name = data.get("name", "")
        self.debug = data.get("debug", "")
        super().__init__(data.get("message") or error.get("message") or str(error))


class OdooServer:
    """An Odoo server on one database. `start` it before use and always `stop` it."""

    def __init__(self, command, database, *, log, port=None, workers=0, environ=None, options=()):
        """
        :param command: how to start Odoo, with its configuration file
        :param workers: 0 for one process with threads; more for as many worker
            processes (plus those for crons, the job runner and the websocket)
        """
        self.database = database
        self.port = port or free_port()
        self.log = Path(log)
        self.process = None
        self.record = None
        self._environ = environ
        self._command = [
            *map(str, command),
            *("-d", database, f"--db-filter=^{database}$"),
            *(f"--http-interface={HOST}", f"--http-port={self.port}"),
            *(f"--gevent-port={free_port()}", f"--workers={workers}"),
            *options,
        ]
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._cookies)
        )
        self._logged_in = None

    @property
    def url(self):
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self):
        """The process id of the main process."""
        return self.process.pid

    # -- life -------------------------------------------------------------

    def start(self):
        """Start the process in a group of its own, so that it can be ended as a whole."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as sink:
            self.process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=self._environ,
                cwd=self.log.parent,
            )
        return self

    def wait_until_ready(self, seconds=READY_SECONDS):
        """Return when the server answers; say why when it ends instead."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise DevError(f"Odoo ended while starting; its log {self.log} ends with:\n{tail(self.log)}")
            with contextlib.suppress(OSError, urllib.error.URLError):
                with self._opener.open(f"{self.url}/web/health", timeout=5) as answer:
                    if answer.status == 200:
                        return self
            time.sleep(0.2)
        raise DevError(f"Odoo did not answer within {seconds} s: see {self.log}.")

    def warm_up(self):
        """Load the registry, so that the first click of a person does not wait for it."""
        with contextlib.suppress(OSError), self._opener.open(f"{self.url}/web/login", timeout=120):
            pass

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """End the server, by force if it takes too long, and all that it started."""
        if self.is_alive():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        if self.process is not None:
            self.kill9()

    def kill9(self):
        """Kill the main process and its workers at once, as a crash would."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self):
        return self.start().wait_until_ready()

    def __exit__(self, *_error):
        self.stop()

    # -- calls ------------------------------------------------------------

    def post(self, path, params, timeout=120):
        """POST a JSON-RPC request as the web client does; return its result."""
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        with self._opener.open(request, timeout=timeout) as answer:
            content = json.load(answer)
        if content.get("error"):
            raise RpcError(content["error"])
        return content.get("result")

    def login(self, login="admin", password="admin"):
        """Open a session; later calls run as this user."""
        params = {"db": self.database, "login": login, "password": password}
        session = self.post("/web/session/authenticate", params)
        self._logged_in = login
        return session

    def rpc(self, model, method, args=(), kwargs=None, *, login="admin", password=None, timeout=120):
        """Call a public method of a model, as the web client does."""
        if self._logged_in != login:
            self.login(login, password or login)
        return self.call(model, method, args, kwargs, timeout=timeout)

    def call(self, model, method, args=(), kwargs=None, *, timeout=120):
        """The same as whoever is logged in."""
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs or {}}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", params, timeout)

    def cookie(self, name):
        return next((cookie.value for cookie in self._cookies if cookie.name == name), None)
