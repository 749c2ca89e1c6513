"""One file a subcommand of image-colorizer; each has `run(options)`, which returns the exit status."""
