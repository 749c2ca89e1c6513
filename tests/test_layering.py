"""Who may import whom. A change of these tables is a change of the architecture."""

import ast
from collections.abc import Iterable
from fnmatch import fnmatch
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# room: what it may import beside itself, and with it what that may import.
# A room is a folder of colorizer/, or a module that lies beside the folders; "/" marks what lies outside.
ROOMS = {
    "__init__": "",
    "errors": "__init__",
    "settings": "options",
    "options": "errors",
    "process": "errors",
    "color": "process options",
    "weights": "process",
    "photo": "color",
    "strategies": "color weights",
    "results": "photo",
    "stages": "photo strategies",
    "pipeline": "results stages",
    "networks": "pipeline settings",
    "album": "pipeline",
    "store": "pipeline settings",
    "jobs": "store video",
    "video": "pipeline",
    "archive": "album",
    "http": "networks jobs",
    "commands": "archive video jobs networks",
    "cli": "commands",
    "__main__": "cli",
    "/image_colorizer": "album",
    "/app": "http",
    "/gunicorn.conf": "settings process",
    "/training": "pipeline",
    "/benchmarks": "archive video http /image_colorizer /training",
}

# package: the modules that alone may import it
OUTSIDE = {
    "flask": ("colorizer.http.*",),
    "flask_cors": ("colorizer.http.application",),
    "av": ("colorizer.video.*", "benchmarks.*"),
    "sqlalchemy": ("colorizer.store.*", "colorizer.jobs.*"),
    "dbos": ("colorizer.jobs.*",),
    "flask_limiter": ("colorizer.http.rate_limit",),
    "prometheus_client": ("colorizer.http.metrics", "gunicorn.conf"),
    "obstore": ("colorizer.store.*", "colorizer.archive.bucket"),
    "distributed": ("colorizer.archive.cluster", "colorizer.archive.chunk", "benchmarks.archive"),
    "watchfiles": ("colorizer.album.watching",),
    "AntiSSRF": ("colorizer.jobs.webhook",),
    "standardwebhooks": ("colorizer.jobs.webhook",),
    "onnxruntime": ("colorizer.process.onnx_runtime", "training.*", "benchmarks.*"),
    "werkzeug": ("colorizer.http.*",),
    "gunicorn": ("colorizer.http.worker", "colorizer.http.server_log"),
    "torch": ("training.*", "benchmarks.*"),
    "tqdm": ("colorizer.process.terminal", "training.*"),
    "argparse": ("colorizer.cli", "colorizer.commands.*", "training.*", "benchmarks.*"),
}

EDGES = (
    "colorizer.http.start",
    "colorizer.jobs.keeper",
    "gunicorn.conf",
    "colorizer.cli",
    "colorizer.commands.*",
    "training.*",
    "benchmarks.*",
)
ENVIRONMENT_USERS = (*EDGES, "colorizer.process.onnx_runtime")
STREAM_USERS = (*EDGES, "colorizer.__main__", "colorizer.process.terminal", "colorizer.process.children")


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


FOLDERS = ("colorizer", "training", "benchmarks")
PATHS = [*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
MODULES = {module_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PATHS)}


def imports(name: str) -> set[str]:
    """Return every module that a module of ours imports, wherever in its text."""
    found = set()
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            parts = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (parts & set(MODULES)) or {node.module}
    return found


def room(name: str) -> str:
    """Return the room that a module lies in."""
    if name == "gunicorn.conf" or not name.startswith("colorizer"):
        return "/" + (name if name == "gunicorn.conf" else name.split(".", maxsplit=1)[0])
    return name.split(".")[1] if "." in name else "__init__"


def below(room: str) -> set[str]:
    """Return a room and every room that it may import."""
    return {room}.union(*(below(other) for other in ROOMS[room].split()))


def attributes(name: str) -> set[str]:
    """Return what a module uses of other modules, as {"os.environ"}."""
    nodes = [node for node in ast.walk(MODULES[name]) if isinstance(node, ast.Attribute)]
    return {f"{node.value.id}.{node.attr}" for node in nodes if isinstance(node.value, ast.Name)}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_what_its_room_may(name):
    allowed = below(room(name))
    wrong = {other for other in imports(name) & set(MODULES) if room(other) not in allowed}
    assert not wrong, f"{name} imports {', '.join(sorted(wrong))}"


def test_every_folder_is_a_room_that_says_what_it_is():
    folders = {path.parent.name for path in (ROOT / "colorizer").glob("*/__init__.py")}
    assert folders == {path.name for path in (ROOT / "colorizer").iterdir() if any(path.glob("*.py"))}
    for folder in folders:
        text = ast.parse((ROOT / "colorizer" / folder / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(text), f"colorizer/{folder}/__init__.py does not say what is in it"
        assert len(text.body) == 1, f"colorizer/{folder}/__init__.py hands names on"


def test_no_module_imports_itself_by_a_detour():
    graph = {name: imports(name) & set(MODULES) for name in MODULES}
    assert list(TopologicalSorter(graph).static_order())


def test_bodies_are_read_where_they_have_a_deadline():
    reads = {f"request.{name}" for name in ("data", "files", "form", "json", "stream", "values")}
    reads |= {"request.get_data", "request.get_json"}
    assert {name for name in MODULES if attributes(name) & reads} == {"colorizer.http.application"}


@pytest.mark.parametrize("package", OUTSIDE)
def test_a_package_stays_where_it_belongs(package):
    users = {name for name in MODULES if any(other.split(".")[0] == package for other in imports(name))}
    assert {name for name in users if not matches(name, OUTSIDE[package])} == set()


@pytest.mark.parametrize("name", MODULES)
def test_only_the_edges_read_the_environment_and_the_streams(name):
    used = attributes(name)
    if not matches(name, ENVIRONMENT_USERS):
        assert not used & {"os.environ", "os.getenv", "sys.argv"}
    if not matches(name, STREAM_USERS):
        assert not used & {"sys.stdin", "sys.stdout", "sys.stderr"}
