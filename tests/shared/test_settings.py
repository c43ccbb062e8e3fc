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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "loud"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.1,the balancer"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgresql://somebody:secret@127.0.0.1:99999/name"),
        ("DATABASE_URL", "postgresql://somebody:secret@host:port/name"),
        ("DATABASE_URL", "postgresql://[::1/name"),
        ("ENROLLMENT_URL", "nonsense"),
        ("ENROLLMENT_URL", "http://e.example/"),
        ("ENROLLMENT_URL", "https://"),
        ("ISSUER_URL", "ftp://i.example"),
        ("PUBLIC_URL", "https://p.example?a"),
        ("PUBLIC_URL", "https://secret@p.example"),
        ("PUBLIC_URL", "https://p.example:0"),
        ("PUBLIC_URL", "https://two words"),
    ],
)
def test_a_value_of_another_form_is_refused_without_being_said(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"LAUREL_{name} is malformed") as caught:
        load(ProcessSettings, {**WHOLE, f"LAUREL_{name}": value})
    assert len(value) < 9 or value not in caught.value.sentence
    assert "secret" not in caught.value.sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "debug"),
        ("TRUSTED_PROXIES", ""),
        ("TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("DATABASE_URL", "postgres://one:5432,[::1]:5433/name"),
        ("DATABASE_URL", "postgresql://somebody:secret@/name?host=%2Frun%2Fpostgresql&port=5432"),
        ("PUBLIC_URL", "http://[::1]:8002"),
        ("PUBLIC_URL", "https://p.example/laurel"),
    ],
)
def test_a_value_of_the_form_that_is_documented_is_taken(name: str, value: str) -> None:
    settings = load(ProcessSettings, {**WHOLE, f"LAUREL_{name}": value})
    assert getattr(settings, name.lower()) == value


@pytest.mark.parametrize("address", ["nonsense", "Laurel <laurel@example.org>", "a@example.org\n", "a@b@c"])
def test_the_sender_of_e_mail_is_one_address(address: str) -> None:
    environ = {"LAUREL_SERVICE_KEY_PATH": "k", "LAUREL_SEALING_KEY": "s", "LAUREL_STORAGE_FOLDER": "f"}
    assert load(EnrollmentSettings, {**WHOLE, **environ, "LAUREL_MAIL_FROM": "a@example.org"})
    with pytest.raises(SettingsError, match="LAUREL_MAIL_FROM is malformed"):
        load(EnrollmentSettings, {**WHOLE, **environ, "LAUREL_MAIL_FROM": address})


@pytest.mark.parametrize("kind", [EnrollmentSettings, IssuerSettings, PublicSettings, MigrationSettings])
def test_every_setting_says_what_it_is_and_stands_in_the_documentation(kind: type) -> None:
    documentation = (Path(__file__).parents[2] / "deploy" / "README.md").read_text(encoding="utf-8")
    for variable, _, meaning in described(kind):
        assert meaning, f"{variable} has no description"
        assert f"`{variable}`" in documentation, f"{variable} is not in deploy/README.md"
