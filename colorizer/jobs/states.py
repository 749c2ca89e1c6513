"""The states of what a job is over: of each of its photos, or of its film."""

WAITING, DONE, FAILED = "waiting", "done", "failed"
MAX_ATTEMPTS = 3  # what ended its process so many times has failed
