"""The parts of the HTTP edge that need no Flask; app.py puts them together."""
