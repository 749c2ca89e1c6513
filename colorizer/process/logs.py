"""How lines of the log look: text for people, as gunicorn's own, or JSON for programs."""

import json
import logging
from datetime import UTC, datetime

TEXT, JSON = "text", "json"


class JsonLines(logging.Formatter):
    """A JSON object a line; what a record has in `facts`, given as `extra`, become members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line, its traceback included."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": record.process,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(format: str) -> None:
    """Let a process of ours write its log to stderr, as TEXT or JSON; others' libraries only warn there."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if format == JSON else _text_lines())
    logging.basicConfig(handlers=[handler])
    logging.getLogger("colorizer").setLevel(logging.INFO)


def _text_lines() -> logging.Formatter:
    return logging.Formatter(
        "%(asctime)s [%(process)d] [%(levelname)s] %(message)s", "[%Y-%m-%d %H:%M:%S %z]"
    )
