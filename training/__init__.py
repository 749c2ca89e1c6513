"""Training, measuring and exporting colornet; training/README.md has the commands."""
