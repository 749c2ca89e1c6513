import json
import logging
import sys

from colorizer.process.logs import JsonLines


def test_an_error_is_one_line_with_its_traceback():
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "a.py", 1, "It %s", ("failed",), sys.exc_info())
    record.facts = {"request_id": "9f2c"}
    text = JsonLines().format(record)
    line = json.loads(text)
    assert "\n" not in text
    assert (line["message"], line["level"], line["request_id"]) == ("It failed", "error", "9f2c")
    assert line["traceback"].endswith("ValueError: first\nsecond")
