"""A client's connection on which no thread has to wait until a short answer is taken."""

import socket

SHORT_BYTES = 128 * 1024  # every answer but photos


class ClientSocket(socket.socket):
    """A socket whose `sendall` keeps what the client does not take at once in `unsent`, if that is short."""

    def __init__(self, sock: socket.socket) -> None:
        """Take the connection over from `sock`."""
        super().__init__(fileno=sock.detach())
        self.unsent = b""

    def sendall(self, data: bytes, flags: int = 0) -> None:  # type: ignore[override]
        """Send `data` after what is unsent yet; wait, as long as the timeout is, only if much is left."""
        waiting = self.unsent + data if self.unsent else data
        rest = memoryview(waiting)[self._send_some(waiting) :]
        if len(rest) > SHORT_BYTES:
            super().sendall(rest, flags)
            rest = rest[:0]
        self.unsent = bytes(rest)

    def send_more(self) -> None:
        """Send of what is unsent as much as the client takes by now."""
        self.unsent = self.unsent[self._send_some(self.unsent) :]

    def _send_some(self, data: bytes) -> int:
        timeout = self.gettimeout()
        self.setblocking(False)
        try:
            return self.send(data)
        except BlockingIOError:
            return 0
        finally:
            self.settimeout(timeout)
