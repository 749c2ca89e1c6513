"""Pictures that are kept for a while: their bytes in a folder or bucket, what is known of them in a database.

It may import the pipeline, the settings and what is below them. It is an extra, `[store]`; where it is off,
nothing imports it.
"""
