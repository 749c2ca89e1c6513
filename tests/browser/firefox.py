"""Drives Debian's Firefox by WebDriver BiDi (W3C), which it speaks itself."""

import json
import re
import subprocess
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from websockets.sync.client import connect

FIREFOX = Path("/usr/bin/firefox-esr")
PATIENCE = 60  # seconds
WAIT = """() => new Promise((resolve, reject) => {
  const start = Date.now();
  const look = () => {
    const value = (%s)();
    if (value) resolve(value);
    else if (Date.now() - start > 30_000) reject(new Error("waited in vain"));
    else setTimeout(look, 50);
  };
  look();
})"""


class Firefox:
    """One tab of a running Firefox."""

    def __init__(self, socket) -> None:
        self._socket, self._ids = socket, count(1)
        self._command("session.new", capabilities={})
        self._tab = self._command("browsingContext.getTree")["contexts"][0]["context"]

    def _command(self, method: str, **parameters):
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=PATIENCE))
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        self._command("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def wait_for(self, expression: str):
        """Wait until a JavaScript expression holds, and return its value."""
        return self._call(WAIT % f"() => {expression}")["value"]

    def click(self, element_id: str) -> None:
        """Click the element with this id, as soon as it can be clicked."""
        found = f"document.querySelector('#{element_id}:enabled')"
        self.wait_for(f"{found}?.checkVisibility() && {found}.click() === undefined")

    def choose(self, element_id: str, *files: Path) -> None:
        """Choose files in the input with this id."""
        element = self._call(f"() => document.getElementById('{element_id}')")
        names = [str(file) for file in files]
        self._command(
            "input.setFiles", context=self._tab, element={"sharedId": element["sharedId"]}, files=names
        )

    def _call(self, function: str):
        result = self._command(
            "script.callFunction",
            functionDeclaration=function,
            awaitPromise=True,
            target={"context": self._tab},
        )
        assert result["type"] == "success", result
        return result["result"]


@contextmanager
def firefox(folder: Path):
    """Start Firefox with a profile of its own in `folder`."""
    command = [FIREFOX, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        with connect(f"{_address(process)}/session", open_timeout=PATIENCE, max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(20)
        process.stderr.close()


def _address(process: subprocess.Popen) -> str:
    for line in process.stderr:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
            return found[1]
    raise RuntimeError("Firefox did not start.")
