"""A worker whose films' processes first do something else: `python film_worker.py "a statement"`."""

import sys

from colorizer.cli import main
from colorizer.video import apart

apart.START = apart.START.replace("from colorizer", f"{sys.argv[1]}; from colorizer", 1)
main(["worker"])
