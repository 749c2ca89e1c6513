import os
import tempfile
from pathlib import Path

import pytest

from colorizer.process.memory_file import memory_file


def test_it_can_be_read_by_its_path_while_it_is_needed():
    with memory_file("name: 'net'\n") as path:
        assert Path(path).read_text() == "name: 'net'\n"
    assert not Path(path).exists()


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="only Linux has files in memory")
def test_it_needs_no_temporary_folder(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with memory_file("text") as path:
        assert Path(path).read_text() == "text"


def test_elsewhere_it_lies_in_the_temporary_folder(monkeypatch, tmp_path):
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with memory_file("text") as path:
        assert Path(path).parent == tmp_path
        assert Path(path).read_text() == "text"
    assert not list(tmp_path.iterdir())
