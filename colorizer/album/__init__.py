"""Everything about folders of photos: find, plan, name, colour, write, and show as contact sheets.

May import the pipeline and all below it.
"""
