"""The built-in colorization strategies, one file a family."""
