"""Keeps the process as small as its largest photo. Only glibc can be told; elsewhere nothing happens.

A photo takes a few large blocks for a fraction of a second. glibc keeps what is freed for later, in a pool
per thread, until tens of megabytes lie idle beside the blocks in use: too much for a machine of 512 MB.
"""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # from malloc.h
LARGE_BLOCK = 8 << 20  # bytes; a larger block is the system's again as soon as it is freed
KEPT = 64 << 20  # bytes of small blocks that may lie idle between photos


def use_one_pool() -> None:
    """Let all threads share one pool of small blocks, which keeps at most KEPT for later."""
    for option, value in ((M_ARENA_MAX, 1), (M_MMAP_THRESHOLD, LARGE_BLOCK), (M_TRIM_THRESHOLD, KEPT)):
        _call("mallopt", option, value)


def give_back() -> None:
    """Give the memory that was freed back to the system; takes about a millisecond."""
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    try:
        function = getattr(ctypes.CDLL(None), name, None)
    except (OSError, TypeError):  # Windows has no library of all names
        return
    if function:
        function(*arguments)
