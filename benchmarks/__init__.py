"""One script for each question about speed and memory; docs/performance.md shows their tables."""

import sys
from pathlib import Path

# The tests know how to start the real server and how to write weights of Zhang's network.
sys.path.append(str(Path(__file__).parents[1] / "tests"))
