"""gunicorn's own lines as JSON, beside ours."""

from gunicorn.config import Config
from gunicorn.glogging import Logger

from colorizer.process.logs import JsonLines


class JsonLogger(Logger):
    """A logger class of gunicorn."""

    def setup(self, cfg: Config) -> None:
        """Set up what gunicorn writes to, at start and at each reload."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())
