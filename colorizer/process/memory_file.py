"""A file for libraries that read files only."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def memory_file(text: str) -> Iterator[str]:
    """Yield the path of a file with `text`; on Linux it lies in memory, elsewhere in the temporary folder."""
    with _open_file() as file:
        file.write(text.encode())
        file.flush()
        yield f"/dev/fd/{file.fileno()}" if isinstance(file.name, int) else file.name


def _open_file() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("text"), "wb")
    return tempfile.NamedTemporaryFile()
