"""Everything that can be checked, built or measured: `nox -l` lists it, `nox -s tests` is the one to know.

Sessions install the package as users get it, built in release. Cargo keeps its work in `target/`, so only the
first build takes long.
"""

import re
import shutil
import sysconfig
import tempfile
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "types", "tests", "docs"]

GROUPS = nox.project.load_toml("pyproject.toml")
NOT_SOURCES = (
    *(".git", ".venv*", ".nox", ".*_cache", "target", "dist", "_build", "__pycache__", "node_modules"),
    "*.so",
)
PYTHON_CODE = ["python", "tests", "benches", "examples", "docs", "noxfile.py"]


def install(session: nox.Session, *groups: str) -> None:
    """Install the package with its extras, and the named dependency groups of pyproject.toml."""
    session.install(".[cli,signing]", *nox.project.dependency_groups(GROUPS, *groups))


def cargo(session: nox.Session, *arguments: str, env: dict[str, str] | None = None) -> None:
    if shutil.which("cargo") is None:
        session.error("cargo is not there: install Rust, with rustup for example")
    session.run("cargo", *arguments, external=True, env=env)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff, rustfmt, clippy."""
    session.install(*nox.project.dependency_groups(GROUPS, "lint"))
    session.run("ruff", "check", *PYTHON_CODE)
    session.run("ruff", "format", "--check", *PYTHON_CODE)
    for component in ("fmt", "clippy"):
        if shutil.which(f"cargo-{component}") is None:
            session.error(f"cargo {component} is not there: rustup component add rustfmt clippy")
    cargo(session, "fmt", "--all", "--check")
    cargo(session, "clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy over the package, and the stub against the native module."""
    install(session, "types")
    session.run("mypy", "--strict", "python/tallystick")
    # Away from the sources, so that the installed package is what is compared.
    with session.chdir(session.create_tmp()):
        session.run("python", "-m", "mypy.stubtest", "tallystick._core")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests: of the Rust crates, then of the installed package. Arguments go to pytest."""
    install(session, "test")
    rust(session)
    session.run("pytest", *session.posargs)


@nox.session
def rust(session: nox.Session) -> None:
    """The tests of the Rust crates. Those of the binding crate need Python as a shared library."""
    crates(session)


def crates(session: nox.Session, env: dict[str, str] | None = None) -> None:
    library = Path(sysconfig.get_config_var("LIBDIR") or "", sysconfig.get_config_var("LDLIBRARY") or "")
    without = [] if library.suffix == ".so" and library.exists() else ["--exclude", "tallystick-py"]
    cargo(session, "test", "--workspace", "--locked", "--quiet", *without, env=env)


@nox.session
def levels(session: nox.Session) -> None:
    """The tests of all that hashes, once for each level of vector instructions. Arguments go to pytest.

    All of one build. A level that this machine lacks is left out, and a line says so. The tests of kernels
    force every level by themselves, and the crate of proofs has none: of the Rust tests, those of trees,
    tree files, shards and the campaign follow the variable.

    Not run are `tests/process` (its `test_simd.py` forces the levels itself), `tests/reference` (the twin
    alone), `tests/cli`, `tests/docs`, `tests/interop`, `tests/research` and `tests/benches`, which hash by no
    other way than those that are run, and what is marked `exhaustive`.
    """
    install(session, "test")
    asked = "import tallystick; print(tallystick.get_simd())"
    for level in ("portable", "sse", "avx2", "avx512"):
        env = {"TALLYSTICK_SIMD": level}
        used = session.run("python", "-c", asked, env=env, silent=True)
        if str(used).strip() != level:
            session.log(f"{level} is left out: this machine has no more than {str(used).strip()}")
            continue
        session.log(f"level {level}")
        crates(session, env)
        folders = ("unit", "property", "vectors", "attacks", "oracle")
        session.run("pytest", *(f"tests/{folder}" for folder in folders), *session.posargs, env=env)


@nox.session
def sanitizers(session: nox.Session) -> None:
    """The tree crate under the sanitizers of addresses and of threads, on Linux and x86-64.

    Its tests under the first. Under the second a program, because the harness of the tests is of the standard
    library, which the sanitizer does not see into; `examples/threads` says what it is told instead.
    """
    target = "x86_64-unknown-linux-gnu"
    folder = Path(session.create_tmp()).resolve()
    program = Path("rust/tallystick-tree/examples/threads").resolve()

    def cargo_with(kind: str, flags: str, options: str, *arguments: str) -> None:
        env = {
            # Sanitizers are nightly features; this opens them on the stable compiler.
            "RUSTC_BOOTSTRAP": "1",
            "RUSTFLAGS": f"-Zsanitizer={kind} -Cunsafe-allow-abi-mismatch=sanitizer {flags}",
            "CARGO_TARGET_DIR": str(Path("target/sanitizers", kind)),
            f"{kind[0].upper()}SAN_OPTIONS": options,
        }
        arguments = (*arguments, "--release", "--locked", "-p", "tallystick-tree", "--target", target)
        cargo(session, *arguments, env=env)

    # A test asks for more memory than there is. Threads that outlive the tests still hold some at the end.
    cargo_with("address", "", "allocator_may_return_null=1:detect_leaks=0", "test", "--tests")

    names = slow_paths(session, target)
    defined = (f"-D{macro}={name}" for macro, name in names.items())
    session.run(
        "cc", "-O1", "-c", *defined, str(program / "std_locks.c"), "-o", str(folder / "std_locks.o"),
        external=True,
    )  # fmt: skip
    wrapped = "".join(f",--wrap={name}" for name in names.values())
    flags = f"-Clink-arg={folder / 'std_locks.o'} -Clink-arg=-Wl{wrapped}"
    suppressions = f"suppressions={program / 'arcs.suppressions'}"
    cargo_with("thread", flags, suppressions, "run", "--example", "threads")


def slow_paths(session: nox.Session, target: str) -> dict[str, str]:
    """Names of functions in the standard library for `std_locks.c`. They differ from compiler to compiler."""
    libraries = session.run("rustc", "--print=target-libdir", "--target", target, external=True, silent=True)
    (library,) = Path(str(libraries).strip()).glob("libstd-*.rlib")
    contents = library.read_bytes()
    patterns = {
        "LOCK": rb"\b_R\w+5mutex5futex\w+5Mutex14lock_contended\b",
        "WAIT": rb"\b_R\w+7condvar5futex\w+7Condvar4wait\b",
        "ONCE": rb"\b_R\w+4once5futex\w+4Once4call\b",
    }
    found = {macro: set(re.findall(pattern, contents)) for macro, pattern in patterns.items()}
    if any(len(names) != 1 for names in found.values()):
        session.error(f"the standard library names its locks in another way: {found}")
    return {macro: names.pop().decode() for macro, names in found.items()}


@nox.session(python=["3.12", "3.13", "3.14"])
def pythons(session: nox.Session) -> None:
    """The tests of the package on newer Pythons, where they are found."""
    install(session, "test")
    session.run("pytest", *session.posargs)


@nox.session
def exhaustive(session: nox.Session) -> None:
    """The tests that take long because they leave nothing out."""
    install(session, "test")
    cargo(session, "test", "--locked", "--release", "--package", "tallystick-store", "--", "--ignored")
    session.run("pytest", "-m", "exhaustive", *session.posargs, env={"HYPOTHESIS_PROFILE": "thorough"})


@nox.session
def attacks(session: nox.Session) -> None:
    """The attack suite and the whole campaign: about an hour on two cores. Arguments go to the campaign."""
    install(session, "test")
    session.run("pytest", "-m", "exhaustive or not exhaustive", "tests/attacks")
    campaign = ("run", "--release", "--locked", "--package", "attack-campaign", "--")
    cargo(session, *campaign, *(session.posargs or ["all"]))


@nox.session
def vectors(session: nox.Session) -> None:
    """Check that tests/vectors is what the reference twin writes."""
    session.install(*nox.project.dependency_groups(GROUPS, "test"))
    session.run("python", "-m", "tests.reference.write_vectors", "--check")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, into docs/_build/html; a warning is an error."""
    install(session, "docs")
    session.run("sphinx-build", "-n", "-W", "--keep-going", "-q", "docs", "docs/_build/html")


@nox.session
def report(session: nox.Session) -> None:
    """Reports of audits in a real browser: Chromium, on the path or named by TALLYSTICK_BROWSER."""
    install(session, "test")
    session.run("pytest", "-m", "browser", "tests/browser", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Benchmarks, then the tables of promises and aims, then those of asv, once. Arguments go to pytest."""
    install(session, "bench")
    session.run("pytest", "benches/python", "--benchmark-only", "-p", "no:cacheprovider", *session.posargs)
    session.run("python", "benches/python/shows.py")
    session.run("python", "benches/python/aims.py")
    if shutil.which("cargo"):
        session.run("python", "benches/python/multi.py")
    with session.chdir("benches/asv"):
        session.run("asv", "machine", "--yes", silent=True)
        session.run("asv", "run", "--environment", "existing", "--quick", "--dry-run")


@nox.session
def peers(session: nox.Session) -> None:
    """Other Merkle trees beside ours, at 2^20 leaves, and the plots of it. Arguments go to the driver."""
    install(session, "bench")
    figures = Path(session.create_tmp(), "peers.json").resolve()
    session.run("python", "benches/peers/run.py", "--json", str(figures), *session.posargs)
    session.run("python", "benches/peers/plot.py", str(figures), "--into", "target/benchmarks")


@nox.session
def compare(session: nox.Session) -> None:
    """Make docs/compare again: the laptop grid of `tallystick bench`. Arguments go to the command."""
    session.install(".[cli,plots]")
    folder = Path(session.create_tmp()).resolve()
    session.run("tallystick", "bench", "--laptop", "-o", str(folder), "--overwrite", *session.posargs)
    pages = Path("docs/compare")
    pages.mkdir(exist_ok=True)
    for made in (folder / "results.json", folder / "tables.md", *folder.glob("*.svg")):
        shutil.copy(made, pages / made.name)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, and use it in an empty environment with NumPy alone."""
    built = build_wheel(session, Path.cwd(), Path("dist").resolve())
    session.install(str(built))
    listed = session.run("python", "-m", "pip", "list", "--format=freeze", silent=True, external=True) or ""
    names = {line.split("==")[0].lower() for line in listed.splitlines()}
    others = names - {"tallystick", "numpy", "pip", "setuptools", "wheel"}
    if others:
        session.error(f"the wheel brought {', '.join(sorted(others))}")
    check = Path("benches/python/import_cost.py").resolve()
    with session.chdir(session.create_tmp()):
        session.run("python", str(check), "--check")


@nox.session
def plugins(session: nox.Session) -> None:
    """Build the examples of plug-ins from copies of their folders, against the wheel alone, and test them."""
    built = build_wheel(session, Path.cwd(), Path("dist").resolve())
    session.install(str(built))
    for example in sorted(Path("examples").glob("plugin-*")):
        with tempfile.TemporaryDirectory() as folder:
            sources = Path(folder, example.name)
            shutil.copytree(example, sources, ignore=shutil.ignore_patterns(*NOT_SOURCES, "build"))
            session.run(
                "python", "-m", "pip", "install", "--quiet", str(sources),
                env={"PIP_FIND_LINKS": str(built.parent)},
            )  # fmt: skip
            project = nox.project.load_toml(sources / "pyproject.toml")
            session.install(*nox.project.dependency_groups(project, "test"))
            with session.chdir(sources):
                session.run("pytest", "tests")
                if Path("Cargo.toml").exists():
                    session.run("cargo", "fmt", "--check", external=True)
                    session.run(
                        "cargo", "clippy", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings",
                        env={"PYO3_PYTHON": shutil.which("python", path=session.bin)},
                        external=True,
                    )  # fmt: skip


@nox.session
def reproducible(session: nox.Session) -> None:
    """Build the wheel from two copies of the sources in two folders, and compare the files in it.

    The list of components (sboms/) names the folder of the build, and RECORD has its hash: both are left out.
    """
    contents = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first", "second-with-a-longer-name"):
            sources = Path(folder, name)
            shutil.copytree(".", sources, ignore=shutil.ignore_patterns(*NOT_SOURCES))
            with zipfile.ZipFile(build_wheel(session, sources, Path(folder, name + "-dist"))) as built:
                names = [
                    name for name in built.namelist() if "/sboms/" not in name and not name.endswith("RECORD")
                ]
                contents.append({name: (built.getinfo(name).date_time, built.read(name)) for name in names})
    first, second = contents
    different = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    if different:
        session.error(f"the two wheels differ in {', '.join(different)}")
    session.log("the two wheels have the same files")


def build_wheel(session: nox.Session, sources: Path, into: Path) -> Path:
    """Build the wheel of `sources` in release and return its path."""
    shutil.rmtree(into, ignore_errors=True)
    session.install("pip")
    session.run(
        "python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(into), str(sources),
        env={"SOURCE_DATE_EPOCH": "1767225600"},
    )  # fmt: skip
    (built,) = into.glob("*.whl")
    return built
