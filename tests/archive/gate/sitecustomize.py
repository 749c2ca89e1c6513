"""Lets photos of a box that is held wait, in each Python that finds this folder in PYTHONPATH.

HELD: a folder, in which there is a file of the name of each such box.
"""

import os
import sys
import time


def wait_for_box(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".jpg"):
        box = os.path.basename(os.path.dirname(arguments[0]))
        while os.path.exists(os.path.join(os.environ["HELD"], box)):
            time.sleep(0.02)


sys.addaudithook(wait_for_box)
