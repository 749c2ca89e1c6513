"""Child processes that call our functions one by one: where one dies, only the call that it was at is lost.

A child imports nothing of the main program (scripts need no `if __name__ == "__main__"`), ignores Ctrl-C,
which is the parent's to answer, and ends by itself when its parent is gone.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, BinaryIO, cast

from colorizer.errors import ChildDied
from colorizer.process.cpus import use_at_most
from colorizer.process.own import set_up_process

START = "import sys; sys.path[:] = {path!r}; from colorizer.process.children import serve; serve({cpus})"
ENOUGH_SECONDS = 10  # for a child that has nothing left to do


class Child:
    """One child process; it starts with the first call, and anew with the call after it died."""

    def __init__(self, cpus: int) -> None:
        """Prepare a child that computes on so many processors; starts nothing yet."""
        self._cpus = cpus
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Call a function of a module there, and return what it returns or raise what it raises.

        Arguments, results and errors must be such that pickle takes them. Raises ChildDied where the process
        ends before it answers. One call at a time: a child belongs to one thread.
        """
        process = self._process = self._process or self._start()
        request = pickle.dumps((function, arguments))
        try:
            succeeded, answer = _ask(process, request)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise ChildDied(f"Its process died ({self._bury(process)}).") from None
        if succeeded:
            return answer
        raise answer

    def close(self) -> None:
        """Let the process end, and wait until it has."""
        if self._process:
            self._bury(self._process)

    def _start(self) -> subprocess.Popen[bytes]:
        code = START.format(path=sys.path, cpus=self._cpus)
        command = [sys.executable, "-W", "ignore", "-c", code]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _bury(self, process: subprocess.Popen[bytes]) -> str:
        """Part with the process and return how it ended, as "SIGSEGV" or "exit status 3"."""
        self._process = None
        with process:
            with suppress(BrokenPipeError):
                cast(IO[bytes], process.stdin).close()  # so that a living child ends
            try:
                status = process.wait(ENOUGH_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                status = process.wait()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _ask(process: subprocess.Popen[bytes], request: bytes) -> tuple[bool, Any]:
    """Return whether the call that is pickled in `request` succeeded, and its result or error."""
    requests, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    requests.write(request)
    requests.flush()
    succeeded, answer = pickle.load(answers)
    return succeeded, answer


def serve(cpus: int) -> None:
    """Answer calls from stdin on stdout until stdin ends; what a child runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_at_most(cpus)
    set_up_process()
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    while requests.peek(1):
        answers.write(_answer(requests))
        answers.flush()


def _answer(requests: BinaryIO) -> bytes:
    try:
        function, arguments = pickle.load(requests)
        return pickle.dumps((True, function(*arguments)))
    except Exception as error:  # it is the caller's to judge
        return pickle.dumps((False, error))
