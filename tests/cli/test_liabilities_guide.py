"""What the guide to liabilities shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.test_guide import COMMAND
from tests.docs.consoles import happens, shown

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "liabilities.md"
BALANCES = "customer,BTC,EUR\nalice,0.5,0.00\nbob,1.25,70.10\ncarol,0,12.00\n"
# Keys, digests and seconds differ from run to run, and the clock goes on.
DIFFERENT = (
    (re.compile(r"example\+[0-9a-f]{8}(\+[A-Za-z0-9+/=]+)?"), "example+5f1f…"),
    (re.compile(r"[0-9a-f]{64}"), "5f1f…"),
    (re.compile(r"\b[0-9]+\.[0-9]{2} s\b"), "0.01 s"),
    (re.compile(r"^time [0-9]+$", re.MULTILINE), "time 1767225600"),
    (re.compile(r"\([0-9T:-]+Z\)"), "(2026-01-01T00:00:00Z)"),
)


def test_the_console_blocks(tmp_path: Path) -> None:
    (tmp_path / "balances.csv").write_text(BALANCES)
    text = shown(GUIDE)
    assert text.count("$ tallystick") >= 12
    happened = happens(COMMAND + text, tmp_path)
    for pattern, instead in DIFFERENT:
        happened = pattern.sub(instead, happened)
    assert happened == COMMAND + text


def test_every_command_is_in_the_table_of_the_page_of_commands() -> None:
    from tallystick.cli.liabilities import Liabilities

    page = GUIDE.with_name("command.md").read_text(encoding="utf-8")
    for name in Liabilities.names:
        assert f"`liabilities {name}" in page
