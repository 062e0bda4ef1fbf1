"""House style as a test: what a reader would stumble over fails here."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("dispatcher", "producers", "consumers", "schemas", "infra")
TOP = {*ROOMS, "tests", "pyproject.toml", "README.md", "LICENSE", "Makefile", "requirements.lock"}
FORBIDDEN_NAMES = re.compile(r"(?i)^(client|voucher|order|task|job|worker|elder|customer)s?$")
HOSTS = re.compile(
    "|".join(("py" + r"pi\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.(org|com)", r"repo1?\.maven"))
)
IMPURE = re.compile(
    r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|monotonic|perf_counter)|uuid[147]|random\.\w+|secrets\.\w+)$"
)
PURE = ("dispatcher/core", "dispatcher/planning", "schemas")


def kept_files() -> list[Path]:
    """Every file that git keeps or would keep."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    found = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in found if path.is_file()]


FILES = kept_files()
PYTHON = [path for path in FILES if path.suffix == ".py"]
OURS = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in ROOMS]
FOLDERS = sorted({path.parent for path in OURS if "versions" not in path.parts})


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_nothing_stands_at_the_top_but_the_rooms() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in FILES}
    assert {name for name in tops - TOP if not name.startswith(".")} == set()


def test_a_file_is_a_sitting() -> None:
    """Past 400 lines nobody reads a file; it is split by subject."""
    written = [path for path in PYTHON if "versions" not in path.parts]
    long = [place(path) for path in written if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    assert long == []


def test_a_function_fits_a_screen() -> None:
    long = [
        f"{place(path)}:{node.lineno} {node.name}"
        for path in OURS
        if "versions" not in path.parts
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > 50
    ]
    assert long == []


def test_every_folder_says_what_lives_there_and_what_may_not() -> None:
    bare = [place(folder) for folder in FOLDERS if not (folder / "README.md").is_file()]
    assert bare == []
    silent = [
        place(folder)
        for folder in FOLDERS
        if not re.search(
            r"(?i)may not|does not live|nothing here|not here|never here|不",
            (folder / "README.md").read_text(),
        )
    ]
    assert silent == []


def test_every_public_function_and_class_says_what_it_is() -> None:
    silent = []
    for path in OURS:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree) and tree.body:
            silent.append(place(path))
        silent += [
            f"{place(path)}:{node.lineno} {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert silent == []


def test_words_that_mean_two_things_name_nothing_here() -> None:
    """Client, Order, Task …: each means one thing to an operator and another to a programmer."""
    named = [
        f"{place(path)}:{node.lineno} {node.name}"
        for path in OURS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and FORBIDDEN_NAMES.match(node.name)
    ]
    named += [place(path) for path in PYTHON if path.name == "routes.py"]
    assert named == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    """A lock file that names a host breaks behind a city's own mirror."""
    named = []
    for path in FILES:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if HOSTS.search(text):
            named.append(place(path))
    assert named == []


@pytest.mark.parametrize("room", PURE)
def test_the_pure_rooms_read_no_clock_and_draw_no_lot(room: str) -> None:
    """A clock or a lot inside a decision would make a replay differ from what happened."""
    read = []
    for path in OURS:
        if not place(path).startswith(room + "/") or place(path) in {"schemas/ids.py", "schemas/export.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if IMPURE.search(called) and not re.match(r"random\.Random|np\.random\.default_rng", called):
                read.append(f"{place(path)}:{node.lineno} {called}")
    assert read == []


def test_nothing_calls_itself_unfinished() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK|NotImplemented" + r"Error)\b")
    found = [
        f"{place(path)}:{number}"
        for path in FILES
        if path.suffix in {".py", ".js", ".html", ".css", ".md"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []
