"""The kinds of jobs, and the states of what they are over: of each photo, or of a film."""

PHOTOS, FILM = "photos", "film"
WAITING, DONE, FAILED = "waiting", "done", "failed"
MAX_ATTEMPTS = 3  # what ended its process so many times has failed
