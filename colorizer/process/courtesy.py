"""How a process whose end nobody waits for lets others go first."""

import os
from contextlib import suppress
from pathlib import Path

AUTOGROUP = Path("/proc/self/autogroup")


def give_way(niceness: int) -> None:
    """Raise the niceness of this process, and that of its session where it leads one.

    Linux shares the processors among sessions first, and niceness counts only within one ("autogroup" in
    sched(7)): beside a service in another session, a nice worker would take half of them all the same.
    """
    reached = os.nice(niceness)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # there is no such thing here
            AUTOGROUP.write_text(str(reached))
