"""Long work that survives anything: jobs, the queue that they wait in, and the process that works them off.

It may import store, the pipeline and what is below them. It is an extra, `[jobs]`; where it is off, nothing
imports it.
"""
