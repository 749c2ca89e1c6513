import subprocess
import sys

from colorizer.process.own_folder import make_own_folder

# Makes a folder, leaves it to a child process that waits, and is killed.
KILLED = """
import os, signal, sys
from pathlib import Path
from colorizer.process.own_folder import make_own_folder
print(make_own_folder(Path(sys.argv[1]), "ours-"), flush=True)
if os.fork():
    os.kill(os.getpid(), signal.SIGKILL)
sys.stdin.read()
"""


def test_it_lives_as_long_as_the_last_process_that_uses_it(tmp_path):
    command = [sys.executable, "-c", KILLED, tmp_path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as killed:
        left = killed.stdout.readline().strip()
        killed.wait()
        first = make_own_folder(tmp_path, "ours-")
        assert {str(path) for path in tmp_path.iterdir()} == {left, str(first)}
        killed.stdin.close()
        killed.stdout.read()  # until the child has ended
    second = make_own_folder(tmp_path, "ours-")
    assert set(tmp_path.iterdir()) == {first, second}


def test_other_folders_and_files_are_left_alone(tmp_path):
    (tmp_path / "theirs-1").mkdir()
    (tmp_path / "ours-file").touch()
    make_own_folder(tmp_path, "ours-")
    assert len(list(tmp_path.iterdir())) == 3
