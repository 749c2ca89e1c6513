"""`python -m colorizer` is the command `image-colorizer`."""

import sys

from colorizer.cli import main

sys.exit(main())
