"""Names in every script are legible; what hides or turns what stands beside it is not."""

import pytest

from shared.names import is_legible, one_line


@pytest.mark.parametrize(
    "name",
    ["Ana Lim", "Łukasz Żak", "Ñuño d'Ávila", "李小龍", "محمد علی\u200cزاده", "क्\u200dष", "O", "محمد", "N\u0303o", "7"],
)
def test_names_in_every_script_are_legible(name: str) -> None:
    assert is_legible(name)


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u200b", "\u200c\u200d", "...", "\U0001f600", "Ana\u202emiL", "Ana\u2066", "Ana\u200b", "Ana\x00",
     "Ana\nLim", "Ana\u2028Lim", "Ana\ud800", "Ana\u00ad", "\ufeffAna"],
)  # fmt: skip
def test_what_nobody_can_read_or_what_misleads_is_not(name: str) -> None:
    assert not is_legible(name)


def test_white_space_of_any_kind_becomes_one_space() -> None:
    assert one_line("  Ana \n\t Lim\u3000") == "Ana Lim"
