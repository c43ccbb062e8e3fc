"""A pattern of the contracts ends where the text ends, and an address is one that a page can show."""

import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.enrollment.programs.api import ProgramBody
from shared import contracts

TAKEN: list[tuple[Any, str]] = [
    (contracts.Address, "https://a.example/path?q=1&r=(x)'#part"),
    (contracts.Address, "http://[2001:db8::1]:8080"),
    (contracts.Language, "pt-BR"),
    (contracts.Color, "#1f5c4d"),
    (contracts.Sha256, "0" * 64),
]


def is_taken(kind: Any, text: str) -> bool:
    try:
        msgspec.json.decode(msgspec.json.encode(text), type=kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(("kind", "text"), TAKEN)
def test_what_is_meant_is_taken_and_nothing_may_follow_it(kind: Any, text: str) -> None:
    assert is_taken(kind, text)
    for more in ("\n", "\r\n", "\u2028", " ", "\n\n"):
        assert not is_taken(kind, text + more), more


def test_a_programs_slug_ends_with_the_text() -> None:
    body = {"slug": "leaders", "name": "Leaders", "description": "A program."}
    msgspec.convert(body, ProgramBody)
    for change in ({"slug": "leaders\n"}, {"accent": "#1f5c4d\n"}, {"language": "en\n"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(body | change, ProgramBody)


@pytest.mark.parametrize(
    "text",
    ["https://", "https:///path", "https://?q", "ftp://a.example", "javascript:https://a.example",
     "https://a.example/ b", 'https://a.example/"onload="x', "https://a.example/<script>", "https://a.example/\tb", "https://a.example/\x00",
     "https:// a.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    assert not is_taken(contracts.Address, text)


def test_a_dollar_sign_alone_would_let_a_line_break_through() -> None:
    """Why the patterns end as they do."""
    assert re.search(r"^en$", "en\n")
    assert not re.search(rf"^en{contracts.END}", "en\n")


REQUEST = contracts.AwardRequest(
    enrollment_id=UUID(int=1),
    achievement_id=UUID(int=2),
    achievement_version=3,
    holder_name="Zoë",
    credit_minutes=570,
    activity_start=date(2021, 9, 18),
    activity_end=date(2022, 4, 23),
    awarded_at=datetime(2026, 11, 1, 12, tzinfo=UTC),
    cohort_name="North 1",
    region="North",
    evidence=(contracts.EvidenceClaim(module_name="Implicit Bias", genre="text", accepted_on=date(2022, 1, 8)),),
)
VERSION = contracts.AchievementVersion(
    name="Level One",
    description="Took part.",
    criteria="Attend.",
    achievement_type="MicroCredential",
    program_name="Leaders",
    level_name="Level One",
)
#: Of the canonical bytes before results, provider and topics could be given: both databases hold such hashes.
BEFORE = {
    REQUEST: "9eb9991cc6dba5278c24da380611730b6bfcb39304bd26801b0177dd554a81a3",
    VERSION: "e1c32c2cb6e87ac284f496c1a806b7e53c6434d1a87554c9ad215eff3b5b8f94",
}
LATER: list[tuple[Any, dict[str, Any]]] = [
    (REQUEST, {"results": (contracts.ResultClaim(description_id="reflection", level_id="strong", value="4"),)}),
    (REQUEST, {"provider": contracts.Provider(name="Example Association", number="IL-7")}),
    (REQUEST, {"topics": ("Implicit Bias", "Privilege")}),
    (VERSION, {"result_descriptions": (contracts.ResultDescription(
        id="reflection", name="Reflection", levels=(contracts.ResultLevel(id="strong", name="Strong", points=4),)),)}),
]  # fmt: skip


@pytest.mark.parametrize(("message", "hashed"), BEFORE.items())
def test_what_was_asked_for_before_keeps_its_bytes(message: Any, hashed: str) -> None:
    payload = contracts.canonical(message)
    assert contracts.sha256(payload) == hashed
    assert contracts.canonical(msgspec.json.decode(payload, type=type(message))) == payload


@pytest.mark.parametrize(("message", "more"), LATER)
def test_what_came_later_is_hashed_where_it_is_given(message: Any, more: dict[str, Any]) -> None:
    whole = msgspec.structs.replace(message, **more)
    payload = contracts.canonical(whole)
    assert contracts.sha256(payload) != BEFORE[message]
    assert msgspec.json.decode(payload, type=type(message)) == whole
    assert hash(whole) != hash(message), "what is compiled for one shape of badge is kept by these"


@pytest.mark.parametrize(("message", "more"), LATER)
def test_what_is_not_given_has_one_form(message: Any, more: dict[str, Any]) -> None:
    """Null or an empty list would be other bytes for the same decision."""
    [member] = more
    nothings: tuple[Any, ...] = (None, [], {})
    for nothing in nothings:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(msgspec.to_builtins(message) | {member: nothing}, type(message))


def test_an_answer_from_before_is_a_private_badge_that_is_there() -> None:
    unknown = ("request_sha256", "credential_id", "issued_at", "signed_sha256", "revocation")
    old = {"award_id": str(UUID(int=1)), "revision": 1, "state": "issued", "badge_url": "", **dict.fromkeys(unknown)}
    answer = msgspec.convert(old, contracts.AwardAnswer)
    assert (answer.visibility, answer.is_erased, answer.log) == ("private", False, msgspec.UNSET)


def test_an_answer_without_a_head_of_the_log_keeps_its_bytes() -> None:
    answer = contracts.AwardAnswer(
        award_id=UUID(int=1), revision=1, state="issued", request_sha256=None, credential_id=None, badge_url="",
        issued_at=None, signed_sha256=None, revocation=None,
    )  # fmt: skip
    payload = contracts.canonical(answer)
    assert b"log" not in payload
    state = contracts.LogState(checkpoint="c", key="k", position=0)
    whole = contracts.canonical(msgspec.structs.replace(answer, log=state))
    assert whole == payload[:-1] + b',"log":{"checkpoint":"c","key":"k","position":0}}'
