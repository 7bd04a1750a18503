"""The bundle: what is in it is what would be imported, and what changed since is imported as ever."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

import stickhooks
from stickhooks.fast import build, bundle

SOURCE = Path(stickhooks.__file__).parent
NAME = bundle.NAME
#: A module that every hook needs.
CORE = "stickhooks.handlers.common"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, compiled as Python does on import, without a bundle."""
    copy = tmp_path_factory.mktemp("compiled") / "lib/stickhooks"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(copy, quiet=1)
    return copy


@pytest.fixture
def package(tmp_path: Path, compiled: Path) -> Path:
    """A copy of the package for one test: Python takes what is compiled by the source's date and size."""
    copy = tmp_path / "lib/stickhooks"
    shutil.copytree(compiled, copy)
    return copy


@pytest.fixture(scope="module")
def bundled_once(tmp_path_factory: pytest.TempPathFactory, compiled: Path) -> Path:
    """That copy with its bundle, to be copied and never used itself."""
    copy = tmp_path_factory.mktemp("bundled") / "lib/stickhooks"
    shutil.copytree(compiled, copy)
    assert refresh(copy) == "True"
    return copy


@pytest.fixture
def bundled(tmp_path: Path, bundled_once: Path) -> Path:
    """A copy with a bundle for one test: the bundle too goes by the sources' dates and sizes."""
    copy = tmp_path / "lib/stickhooks"
    shutil.copytree(bundled_once, copy)
    assert CORE not in loaded_by_file(hook(copy, tmp_path))
    return copy


def python(*arguments: object, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-I", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback (most" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def refresh(package: Path) -> str:
    code = (
        f"import sys; sys.path.insert(0, {str(package.parent)!r}); "
        "from stickhooks.fast import build as build"
    )
    return python("-c", f"{code}; print(build.refresh())", cwd=package).strip()


def hook(package: Path, cwd: Path) -> str:
    """Run a hook that does not exist: it names those that do, with the modules that it loaded."""
    return python("-S", "-v", package / "hook.py", "no-such-hook", cwd=cwd)


def verb(package: Path, *words: str) -> str:
    code = f"import sys; sys.path.insert(0, {str(package.parent)!r}); sys.argv = {['stick', *words]!r};"
    return python("-c", f"{code} from stickhooks.__main__ import main; main()", cwd=package)


def loaded_by_file(told: str) -> set[str]:
    """Return which of our modules Python itself looked for, and found compiled or as source."""
    return {
        line.split("'")[1]
        for line in told.splitlines()
        if line.startswith("import 'stickhooks") and "SourceFileLoader" in line
    }


def test_with_a_bundle_no_module_of_its_core_is_looked_for(package: Path, tmp_path: Path) -> None:
    assert CORE in loaded_by_file(hook(package, tmp_path))
    assert refresh(package) == "True"
    told = hook(package, tmp_path)
    assert CORE not in loaded_by_file(told)
    assert loaded_by_file(told) <= {"stickhooks.text"}  # which only a refusal needs
    assert "no such hook: no-such-hook; there are pre-edit" in told


def test_a_module_that_changed_since_is_imported_as_it_is_now(
    bundled: Path, tmp_path: Path
) -> None:
    door = bundled / "handlers/common.py"
    louder = "def say(text): sys_say(text.upper())\n\n\ndef sys_say("
    door.write_text(door.read_text().replace("def say(", louder))
    told = hook(bundled, tmp_path)
    assert "NO SUCH HOOK" in told
    assert CORE in loaded_by_file(told)
    assert refresh(bundled) == "True"
    told = hook(bundled, tmp_path)
    assert "NO SUCH HOOK" in told
    assert CORE not in loaded_by_file(told)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "damage", [b"", b"0000", b"zzzzzzzz", b"7fffffff", b"00000010" + b"\0" * 40]
)
def test_a_damaged_bundle_is_as_good_as_none(bundled: Path, tmp_path: Path, damage: bytes) -> None:
    (bundled / "__pycache__" / NAME).write_bytes(damage)
    told = hook(bundled, tmp_path)
    assert "no such hook" in told
    assert CORE in loaded_by_file(told)
    assert refresh(bundled) == "True"
    assert CORE not in loaded_by_file(hook(bundled, tmp_path))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.9999])
def test_a_bundle_that_lost_its_end_is_as_good_as_none(
    package: Path, tmp_path: Path, kept: float
) -> None:
    refresh(package)
    path = package / "__pycache__" / NAME
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert "no such hook" in hook(package, tmp_path)
    assert "Example: stick" in verb(package, "take", "-h")
    assert refresh(package) == "True"
    assert path.stat().st_size == len(whole)


@pytest.mark.parametrize("back", [300, -300])
def test_a_bundle_with_a_hole_in_its_index_lacks_modules_and_no_more(
    bundled: Path, tmp_path: Path, back: int
) -> None:
    """In the head, near whose end the places of the cores lie, and in the first core's list of sources."""
    path = bundled / "__pycache__" / NAME
    whole = bytearray(path.read_bytes())
    at = 8 + int(whole[:8], 16) - back
    whole[at : at + 256] = b"x" * 256
    path.write_bytes(whole)
    assert "no such hook" in hook(bundled, tmp_path)
    assert "Example: stick" in verb(bundled, "take", "-h")
    assert refresh(bundled) == "True"
    assert path.read_bytes()[at : at + 256] != b"x" * 256


def test_a_file_that_is_no_module_is_no_reason_to_fail(package: Path) -> None:
    (package / ".#door.py").symlink_to("nobody@nowhere")
    assert refresh(package) == "True"


def test_a_module_that_cannot_be_compiled_is_no_reason_to_fail(package: Path) -> None:
    module = package / "handlers/common.py"
    whole = module.read_text()
    module.write_text("def (:")
    assert refresh(package) == "False"
    module.write_text(whole)
    assert refresh(package) == "True"


def test_a_bundle_is_left_alone_while_it_fits(bundled: Path) -> None:
    path = bundled / "__pycache__" / NAME
    before = path.stat().st_ino
    assert refresh(bundled) == "True"
    assert path.stat().st_ino == before


@pytest.mark.parametrize("maker", build.MAKERS)
def test_a_bundle_is_made_anew_where_what_makes_it_changed(bundled: Path, maker: str) -> None:
    path = bundled / "__pycache__" / NAME
    before = path.stat().st_ino
    with (bundled / maker).open("a") as file:
        file.write("\nNEW = 1\n")
    assert refresh(bundled) == "True"
    assert path.stat().st_ino != before


def test_what_killed_processes_left_of_a_bundle_goes_with_the_next_one(package: Path) -> None:
    folder = package / "__pycache__"
    old, new = folder / f"{NAME}.killed", folder / f"{NAME}.at_work"
    for left in (old, new):
        left.write_bytes(b"half a bun")
    os.utime(old, (1, 1))
    assert refresh(package) == "True"
    assert (old.exists(), new.exists(), (folder / NAME).exists()) == (False, True, True)


def test_where_it_cannot_be_written_nothing_is_worse_than_slow(
    package: Path, tmp_path: Path
) -> None:
    shutil.rmtree(package / "__pycache__")
    (package / "__pycache__").write_text("not a folder")
    assert refresh(package) == "False"
    assert "no such hook" in hook(package, tmp_path)


def test_a_fault_still_shows_its_line(package: Path, tmp_path: Path) -> None:
    answering = package / "handlers/common.py"
    answering.write_text(
        answering.read_text().replace("    name, options =", "    1 / 0\n    name, options =")
    )
    refresh(package)
    done = subprocess.run(
        [sys.executable, "-I", "-S", package / "hook.py", "x"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f'"{answering}", line' in done.stderr
    assert "1 / 0" in done.stderr


def test_code_without_columns_has_the_lines_that_it_had() -> None:
    source = (
        "def f(x):\n    return [\n        y\n        for y in x\n        if y\n    ]\n"
        + "\n" * 9000
    )
    source += "class A:\n    def g(self): return f(\n        self)\n"
    code = compile(source, "a.py", "exec")
    bare = build.without_columns(code)
    for one, other in zip(inner(code), inner(bare), strict=True):
        assert list(one.co_lines())[-1][2] == list(other.co_lines())[-1][2]
        assert [p[0] for p in one.co_positions()] == [p[0] for p in other.co_positions()]
        assert {p[2:] for p in other.co_positions()} == {(None, None)}


def inner(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from inner(one)


#: What the import system gives a module, and ours what it names its loaded modules by.
OF_IMPORTS = {
    "__builtins__",
    "__cached__",
    "__loader__",
    "__spec__",
    "__doc__",
    "__annotations__",
    bundle.LOADED,
}
NAMES = """
import json, sys
sys.path.insert(0, sys.argv[1])
from stickhooks import __main__
if len(sys.argv) == 3:
    __main__._open_pack(sys.argv[2])
else:
    for name in sys.argv[2:]:
        __import__(name)
ours = {n: m for n, m in sys.modules.items() if n.startswith("stickhooks.") and not hasattr(m, "__path__")}
print(json.dumps({name: sorted(vars(module)) for name, module in ours.items()}))
"""


@pytest.mark.parametrize("core", ["git", "verbs"])
def test_modules_from_a_core_have_the_names_that_an_import_gives_them(
    package: Path, core: str
) -> None:
    def names(*asked: str) -> dict[str, set[str]]:
        told = json.loads(python("-c", NAMES, package.parent, *asked, cwd=package))
        return {module: set(found) - OF_IMPORTS for module, found in told.items()}

    refresh(package)
    found = names(core)
    found.pop("stickhooks.fast.bundle")
    assert len(found) > 20
    imported = names(*found, "stickhooks")
    assert found == {module: imported[module] for module in found}
