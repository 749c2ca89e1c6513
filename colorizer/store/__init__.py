"""Pictures that are kept for a while: their bytes in a folder or bucket, what is known of them in a database.

It may import the ground and nothing above. It is an extra, `[store]`; where it is off, nothing imports it.
"""
