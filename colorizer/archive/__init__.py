"""Archives: the folder command's work over buckets, and over the machines of a Dask cluster.

May import album and all below it.
"""
