"""Settings come from the environment, and each is explained."""

from pathlib import Path

import pytest

from services.credentials.settings import IssuerSettings, PublicSettings
from services.enrollment.settings import EnrollmentSettings
from shared.settings import MigrationSettings, ProcessSettings, SettingsError, described, load

WHOLE = {
    "LAUREL_PORT": "8000",
    "LAUREL_DATABASE_URL": "postgresql://host/name",
    "LAUREL_ENROLLMENT_URL": "http://e.example",
    "LAUREL_ISSUER_URL": "http://i.example",
    "LAUREL_PUBLIC_URL": "http://p.example",
}


def test_settings_are_read_from_their_variables() -> None:
    settings = load(ProcessSettings, WHOLE)
    assert (settings.port, settings.environment) == (8000, "production")


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://host/secret\n")
    environ = {name: value for name, value in WHOLE.items() if name != "LAUREL_DATABASE_URL"}
    settings = load(ProcessSettings, {**environ, "LAUREL_DATABASE_URL_FILE": str(secret)})
    assert settings.database_url == "postgresql://host/secret"


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(SettingsError, match="LAUREL_ISSUER_URL is not set"):
        load(ProcessSettings, {name: value for name, value in WHOLE.items() if name != "LAUREL_ISSUER_URL"})


@pytest.mark.parametrize("port", ["0", "70000", "eighty"])
def test_a_malformed_setting_is_named_without_its_value(port: str) -> None:
    with pytest.raises(SettingsError, match="LAUREL_PORT is malformed") as caught:
        load(ProcessSettings, {**WHOLE, "LAUREL_PORT": port})
    assert "eighty" not in caught.value.sentence


@pytest.mark.parametrize("kind", [EnrollmentSettings, IssuerSettings, PublicSettings, MigrationSettings])
def test_every_setting_says_what_it_is_and_stands_in_the_documentation(kind: type) -> None:
    documentation = (Path(__file__).parents[2] / "deploy" / "README.md").read_text(encoding="utf-8")
    for variable, _, meaning in described(kind):
        assert meaning, f"{variable} has no description"
        assert f"`{variable}`" in documentation, f"{variable} is not in deploy/README.md"
