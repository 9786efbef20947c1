"""Who takes part, what they hash, up to which size, and how each one is made ready to run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "target" / "peers"

RFC6962 = "RFC 6962, SHA-256, leaves hashed"
PAIRS = "pairs of SHA-256 digests"
SORTED = "OpenZeppelin's standard tree, Keccak-256"
SHAPES = (RFC6962, PAIRS, SORTED)


class NotReady(Exception):
    """A contestant cannot run here: says why, for the table."""


@dataclass(frozen=True, slots=True)
class Ready:
    command: list[str]
    version: str


@dataclass(frozen=True, slots=True)
class Contestant:
    name: str
    language: str
    shape: str
    prepare: Callable[[], Ready]
    #: Larger trees take too long or too much memory: it runs at 2^most, and tallystick beside it.
    most: int = 64
    #: Whether its root is that of others with the same shape.
    comparable: bool = True
    #: A way of using tallystick. Ratios are to the first one of the shape that has the operation.
    ours: bool = False
    note: str = ""


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines() or ["no message"]
        raise NotReady(f"{command[0]} {command[1]} failed: {last[-1][:120]}")


def python(file: str, distribution: str | None, *arguments: str) -> Callable[[], Ready]:
    def prepare() -> Ready:
        if distribution is not None and find_spec(distribution) is None:
            raise NotReady(f"{distribution} is not installed: pip install {distribution}")
        version = "" if distribution is None else metadata.version(distribution)
        return Ready([sys.executable, str(HERE / "python" / file), "FOLDER", *arguments], version)

    return prepare


def rust(folder: str, program: str, crate: str) -> Callable[[], Ready]:
    def prepare() -> Ready:
        if shutil.which("cargo") is None:
            raise NotReady("needs cargo, which is not there")
        into = ["--target-dir", str(TARGET)]
        run(["cargo", "build", "--release", "--locked", "--quiet", *into], HERE / folder)
        lock = tomllib.loads((HERE / folder / "Cargo.lock").read_text(encoding="utf-8"))
        version = next(package["version"] for package in lock["package"] if package["name"] == crate)
        return Ready([str(TARGET / "release" / program), "FOLDER"], version)

    return prepare


def javascript(file: str, package: str) -> Callable[[], Ready]:
    def prepare() -> Ready:
        for tool in ("node", "npm"):
            if shutil.which(tool) is None:
                raise NotReady(f"needs {tool}, which is not there")
        into = TARGET / "js"
        into.mkdir(parents=True, exist_ok=True)
        lock = HERE / "js" / "package-lock.json"
        installed = into / "installed-lock.json"
        for path in (HERE / "js").iterdir():
            if path.is_file():
                shutil.copy(path, into)
        if not installed.exists() or installed.read_bytes() != lock.read_bytes():
            run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], into)
            shutil.copy(lock, installed)
        described = (into / "node_modules" / package / "package.json").read_text(encoding="utf-8")
        return Ready(
            ["node", "--max-old-space-size=12288", str(into / file), "FOLDER"],
            json.loads(described)["version"],
        )

    return prepare


def left_out(reason: str) -> Callable[[], Ready]:
    def prepare() -> Ready:
        raise NotReady(reason)

    return prepare


def ours(scheme: str, way: str) -> Callable[[], Ready]:
    return python("with_tallystick.py", "tallystick", scheme, way)


CONTESTANTS = (
    Contestant("tallystick", "Python", RFC6962, ours("rfc6962/sha256", "batch"), ours=True),
    Contestant(
        "tallystick, one call a proof", "Python", RFC6962, ours("rfc6962/sha256", "single"), ours=True,
        note="a Python loop over prove, verify_inclusion and append",
    ),
    Contestant(
        "rs_merkle", "Rust", RFC6962, rust("rs_merkle", "beside", "rs_merkle"),
        note="with a hasher that makes its trees those of RFC 6962",
    ),
    Contestant("ct-merkle", "Rust", RFC6962, rust("ct_merkle", "peer-ct-merkle", "ct-merkle")),
    Contestant(
        "merklecpp", "C++", RFC6962,
        left_out("not measured: a C++ header that no package manager brings"),
    ),
    Contestant("plain Python and hashlib", "Python", RFC6962, python("plain.py", None)),
    Contestant("pymerkle", "Python", RFC6962, python("with_pymerkle.py", "pymerkle"), most=16),
    Contestant("tallystick, pairs", "Python", PAIRS, ours("promoted/sha256", "batch"), ours=True),
    Contestant(
        "hashtree", "C, assembly", PAIRS, rust("hashtree", "peer-hashtree", "hashtree-rs"),
        note="the library hashes pairs; tree, proofs, batched verifier are written here, in Rust",
    ),
    Contestant(
        "merkletools' algorithm", "Python", PAIRS, python("merkletools_way.py", None),
        note="written here; a leaf that is added means a new tree",
    ),
    Contestant(
        "merkletreejs", "JavaScript", PAIRS, javascript("merkletreejs.mjs", "merkletreejs"),
        note="SHA-256 of Node; leaves that are added mean a new tree",
    ),
    Contestant(
        "tallystick, sorted pairs", "Python", SORTED, ours("openzeppelin_standard/keccak256", "sorted"),
        ours=True,
    ),
    Contestant(
        "OpenZeppelin StandardMerkleTree", "JavaScript", SORTED,
        javascript("openzeppelin.mjs", "@openzeppelin/merkle-tree"), most=14,
        note="checks every proof that it makes",
    ),
)  # fmt: skip
