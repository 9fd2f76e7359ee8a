"""`kehu revise`: the next migration, from the models."""

from click.testing import CliRunner

from kehu_cli.catalogue import ROOT
from kehu_cli.cli import kehu


def test_a_service_without_changed_models_gets_no_migration() -> None:
    folder = ROOT / "services/auth/migrations/versions"
    before = set(folder.glob("*.py"))
    result = CliRunner().invoke(kehu, ["revise", "auth", "Nothing to do"])
    assert result.exit_code == 0, result.output
    assert "are up to date with its models" in result.output
    assert set(folder.glob("*.py")) == before


def test_an_unknown_service_is_refused() -> None:
    result = CliRunner().invoke(kehu, ["revise", "warehouse", "Shelves"])
    assert result.exit_code == 2
    assert "'auth', 'customer', 'marketing', 'reporting', 'service-desk'" in result.output
