"""tallystick beside other Merkle trees: the same leaves, one thread, rounds in turn, CPU and wall seconds.

    python benches/peers/run.py [--log2 20] [--rounds 5] [--json FILE] [--only NAME…]

Every contestant is a process of its own. Peers in Rust are built with cargo, those in JavaScript come by npm,
both below `target/peers`; where a toolchain is missing the table says so. A contestant that cannot do the
whole size runs at a smaller one, and tallystick beside it at that size too: nothing is extrapolated. The exit
code is 1 if an operation failed, or if roots differ that should agree.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from contestants import CONTESTANTS, SHAPES, Contestant, NotReady, Ready
from report import as_json, environment, table
from running import Row, beside, disagreements, write_input


def chosen_ones(only: list[str]) -> list[Contestant]:
    """All contestants, or those asked for and what they are measured against."""
    if not only:
        return list(CONTESTANTS)
    unknown = set(only) - {each.name for each in CONTESTANTS}
    if unknown:
        raise SystemExit(f"there is no {sorted(unknown)}; there are {[each.name for each in CONTESTANTS]}")
    shapes = {each.shape for each in CONTESTANTS if each.name in only}
    return [each for each in CONTESTANTS if each.name in only or (each.ours and each.shape in shapes)]


def groups(contestants: list[Contestant], log2: int) -> list[tuple[int, list[Contestant]]]:
    """Who runs beside whom: one shape, one size, and tallystick in every group."""
    found = []
    for shape in SHAPES:
        here = [each for each in contestants if each.shape == shape]
        for size in sorted({min(each.most, log2) for each in here if not each.ours}, reverse=True):
            found.append((size, [each for each in here if each.ours or min(each.most, log2) == size]))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Merkle trees beside each other.")
    parser.add_argument("--log2", type=int, default=20, help="2^this many leaves (default 20)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--proofs", type=int, default=10_000, help="single proofs a round")
    parser.add_argument("--chosen", type=int, default=1000, help="leaves of one proof, and leaves appended")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="these, and tallystick beside them"
    )
    arguments = parser.parse_args()
    if not 1 <= arguments.chosen <= 1 << min(arguments.log2, 14):
        parser.error("--chosen is at most the number of leaves")
    machine = environment()
    contestants = chosen_ones(arguments.only)
    ready: dict[str, Ready | NotReady] = {}
    for each in contestants:
        print(f"preparing {each.name}", file=sys.stderr)
        try:
            ready[each.name] = each.prepare()
        except NotReady as reason:
            ready[each.name] = reason
    rows: list[Row] = []
    for log2, group in groups(contestants, arguments.log2):
        print(f"measuring {', '.join(each.name for each in group)} at 2^{log2}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            write_input(Path(folder), log2, arguments.proofs, arguments.chosen)
            rows += beside(group, log2, Path(folder), arguments.rounds, ready)
    titles = {
        "build": "build",
        "prove": f"{arguments.proofs:,} proofs",
        "verify": f"{arguments.proofs:,} verifies",
        "multi": f"proof of {arguments.chosen:,} leaves",
        "verify_multi": f"verify that of {arguments.chosen:,}",
        "append": f"append {arguments.chosen:,}",
        "append_again": f"append {arguments.chosen:,} more",
    }
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    print("\n".join(table(rows, titles)))
    if arguments.json is not None:
        settings: dict[str, object] = {
            "log2": arguments.log2,
            "rounds": arguments.rounds,
            "titles": titles,
        }
        arguments.json.write_text(
            json.dumps(as_json(rows, settings, machine), indent=1) + "\n", encoding="utf-8"
        )
    wrong = list(disagreements(rows))
    broken = [f"{row.contestant.name}: {row.failed}" for row in rows if row.failed and row.started]
    broken += [
        f"{row.contestant.name}: {name}: {error}" for row in rows for name, error in row.errors.items()
    ]
    print("\n".join(["", *wrong, *broken]) if wrong or broken else "\nroots agree where shape and size do")
    return int(bool(wrong or broken))


if __name__ == "__main__":
    sys.exit(main())
