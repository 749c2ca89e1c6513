"""What a process sets for itself where it is ours alone: the service, the command line, a worker, a child.

The library sets none of it, for there the process is somebody else's.
"""

import logging
import warnings

from colorizer.process.cpus import available_cpus
from colorizer.process.memory import use_one_pool


def set_up_process() -> None:
    """Choose the memory's pool, OpenCV's number of threads, and which warnings say nothing new."""
    import cv2

    use_one_pool()
    cv2.setNumThreads(available_cpus())
    # That a file is damaged is told by an error of ours, once, and not by warnings on the side.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
