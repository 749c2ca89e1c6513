"""Films: read and written with PyAV, coloured steadily from frame to frame (docs/video.md has the method).

May import the pipeline and all below it; it alone imports `av`, the extra [video].
"""
