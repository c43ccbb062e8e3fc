"""`./run rules` prints every rule with its clause, and the READMEs lead to it."""

import json
from pathlib import Path

import pytest

from services.credentials.rules import command
from services.credentials.rules.book import RULES

ROOT = Path(__file__).parents[3]


def test_the_table_has_every_rule_with_its_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{len(RULES)} rules.")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[4:]]
    assert [row[:3] for row in rows] == [[one.id, one.asks, one.citation] for one in RULES]


def test_the_table_of_a_kind_as_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert command.main(["--json", "--kind", "status_list"]) == 0
    found = json.loads(capfdbinary.readouterr().out)
    assert {one["id"] for one in found} == {one.id for one in RULES if "status_list" in one.kinds}
    assert all(one["advice"] for one in found)


def test_the_readmes_lead_to_it() -> None:
    assert "./run rules" in (ROOT / "README.md").read_text()
    assert "services/credentials/README.md#rules" in (ROOT / "README.md").read_text()
    assert "## Rules" in (ROOT / "services/credentials/README.md").read_text()
