"""Who may import whom. A change of these tables is a change of the architecture."""

import ast
from collections.abc import Iterable
from fnmatch import fnmatch
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# group: (its modules in our package, the groups that they may import beside their own)
GROUPS = {
    "ground": ("__init__ errors resources cpus memory", ""),
    "settings": ("settings", "ground"),
    "color": ("lab ab_bins chroma hints jpeg_planes suggestions tint", "ground"),
    "files": ("image_io decoders jpeg_file png_file tiff_file metadata pixels profiles", "ground color"),
    "weights": ("manifest weights onnx_signature download", "ground"),
    "strategies": ("strategies strategies.* registry", "ground color weights"),
    "library": ("/image_colorizer", "ground color files strategies"),
    "http": ("/app /gunicorn.conf http http.*", "ground settings color files weights strategies library"),
    "terminal": (
        "__main__ cli terminal commands commands.* batch folder plan contact_sheet result_*",
        "ground settings files weights strategies library",
    ),
    "training": ("/training /training.*", "ground color weights strategies"),
    "benchmarks": (
        "/benchmarks /benchmarks.*",
        "ground settings color files weights strategies library training",
    ),
}

# package: the modules that alone may import it
OUTSIDE = {
    "flask": ("app",),
    "flask_cors": ("app",),
    "werkzeug": ("app", "colorizer.http.*"),
    "torch": ("training.*", "benchmarks.*"),
    "tqdm": ("colorizer.terminal", "training.*"),
    "argparse": ("colorizer.cli", "colorizer.commands.*", "training.*", "benchmarks.*"),
}

EDGES = ("app", "gunicorn.conf", "colorizer.cli", "colorizer.commands.*", "training.*", "benchmarks.*")
ENVIRONMENT_USERS = (*EDGES, "colorizer")  # the package switches off the telemetry of ONNX Runtime
STREAM_USERS = (*EDGES, "colorizer.__main__", "colorizer.terminal", "colorizer.batch")


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


def group(name: str) -> str:
    """Return a module's group; every module is in just one."""
    short = "__init__" if name == "colorizer" else name.removeprefix("colorizer.")
    short = short if name.startswith("colorizer") else f"/{name}"
    (found,) = [group for group, (patterns, _) in GROUPS.items() if matches(short, patterns.split())]
    return found


def attributes(name: str) -> set[str]:
    """Return what a module uses of other modules, as {"os.environ"}."""
    nodes = [node for node in ast.walk(MODULES[name]) if isinstance(node, ast.Attribute)]
    return {f"{node.value.id}.{node.attr}" for node in nodes if isinstance(node.value, ast.Name)}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_what_its_group_may(name):
    own = group(name)
    allowed = {own, *GROUPS[own][1].split()}
    wrong = {other for other in imports(name) & set(MODULES) if group(other) not in allowed}
    assert not wrong, f"{name} ({own}) imports {', '.join(sorted(wrong))}"


def test_no_module_imports_itself_by_a_detour():
    graph = {name: imports(name) & set(MODULES) for name in MODULES}
    assert list(TopologicalSorter(graph).static_order())


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
