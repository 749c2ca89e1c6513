"""What we need of the machine: its processors, its memory, our own files, its terminal.

May import `colorizer.errors` only.
"""
