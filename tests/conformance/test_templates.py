"""A template gives the bytes of the general way, or leaves the document to it; taken out, nothing changes."""

import random
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import UNSET, UnsetType

from services.credentials.awards.document import Inputs, document, shape, varying
from services.credentials.awards.model import Reservation
from services.credentials.awards.signing import sign
from services.credentials.keys.model import Issuer
from services.credentials.keys.signer import Signer
from services.credentials.proofs import did, jsonld, template
from services.credentials.proofs.template import Template, TemplateMismatchError, Templates
from services.credentials.rules.model import RulesRefusedError
from shared.contracts import Alignment, AwardRequest, EvidenceClaim, ResultClaim, ResultDescription, ResultLevel
from tests.conformance.documents import Shapes
from tests.credentials.callers import ACHIEVEMENT, award_request
from tests.credentials.web_issuer import NOW, PUBLIC_URL, WebIssuer

ISSUER = Issuer(
    id=UUID(int=1),
    did=did.did_key(Ed25519PrivateKey.from_private_bytes(b"\1" * 32).public_key()),
    name="Issuer 100% “Ŵyn”",
    url="https://issuer.example",
    description=None,
    is_demonstration=True,
)
DESCRIPTIONS = tuple(
    ResultDescription(
        id=f"criterion-{number}",
        name=f"Criterion {number}",
        levels=tuple(ResultLevel(id=f"level-{one}", name=f"Level {one}", points=one) for one in range(3)),
    )
    for number in range(2)
)
ALIGNED = msgspec.structs.replace(
    ACHIEVEMENT,
    alignments=tuple(Alignment(target_name=f"Target {one}", target_url="https://f.example/1") for one in range(3)),
    result_descriptions=DESCRIPTIONS,
)


def results_of(chance: random.Random) -> tuple[ResultClaim, ...] | UnsetType:
    """Nothing, or a level of each criterion, with a value or not."""
    if chance.random() < 0.5:
        return UNSET
    value = chance.choice([None, "7", "A “value”"])
    return tuple(
        ResultClaim(description_id=one.id, level_id=chance.choice(one.levels).id, value=value) for one in DESCRIPTIONS
    )


def inputs(seed: int, **changed: Any) -> Inputs:
    """Random values in a badge; of few shapes, so that templates come again."""
    chance, shapes = random.Random(seed), Shapes(seed)
    claims = tuple(
        EvidenceClaim(module_name=shapes.text() or "x", genre="text", accepted_on=date(2022, 1, chance.randint(1, 28)))
        for _ in range(chance.randint(0, 3))
    )
    request = award_request(
        UUID(int=5),
        holder_name=None if chance.random() < 0.3 else shapes.text() or "x",
        credit_minutes=chance.choice([0, 60, 540, 555, 570, 721]),
        cohort_name=shapes.text() or "x",
        region=shapes.text() or "x",
        evidence=claims,
        results=results_of(chance),
    )
    reserved = Reservation(
        credential_id=uuid4(),
        award_id=uuid4(),
        issuer_id=ISSUER.id,
        subject_id=f"urn:uuid:{uuid4()}",
        status_list_id=UUID(int=chance.randint(1, 3)),
        status_index=chance.randint(0, 131_071),
        key_id="",
        jwt_key_id="",
        valid_from=datetime(2026, 1, 1, chance.randint(0, 23), tzinfo=UTC),
        lease=uuid4(),
    )
    made = Inputs(
        reservation=reserved, request=request, achievement=ALIGNED, issuer=ISSUER, public_url="https://public.example"
    )
    return msgspec.structs.replace(made, **changed)


@pytest.mark.parametrize("rounds", [500, pytest.param(5_000, marks=pytest.mark.long)])
def test_every_badge_has_the_bytes_of_the_general_way(rounds: int) -> None:
    templates, from_template = Templates(), 0
    for seed in range(rounds):
        made = inputs(seed)
        built = document(made)
        general = jsonld.canonicalize(built)
        assert templates.canonicalize(built, shape(made), varying(made)) == general, seed
        kept = templates._kept[shape(made)]
        from_template += kept.canonicalize(kept.values(built)) == general
    # Evidence that is said twice ties, and goes the general way; nearly all others must not.
    assert from_template > 0.8 * rounds


def test_equal_shapes_differ_in_their_slots_only() -> None:
    found: dict[Any, Any] = {}
    for seed in range(300):
        made = inputs(seed)
        built = document(made)
        for path in varying(made):
            place: Any = built
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = type(place[path[-1]]).__name__
        assert found.setdefault(shape(made), built) == built


def test_signing_with_templates_changes_no_byte() -> None:
    issuer = WebIssuer(has_rs256=False)
    plain, count = Signer(issuer.custody), 0
    for seed in range(100):
        made = inputs(seed, issuer=issuer.issuer, public_url=PUBLIC_URL)
        found = issuer.draft(
            msgspec.structs.replace(
                made,
                reservation=msgspec.structs.replace(made.reservation, valid_from=NOW),
                request=msgspec.structs.replace(made.request, evidence=(), **seen(made.request)),
            )
        )
        # Some of these names are none that the rules let through.
        with suppress(RulesRefusedError):
            assert sign(found, issuer.keys, issuer.signer) == sign(found, issuer.keys, plain)
            count += 1
    assert count > 20


def seen(request: AwardRequest) -> dict[str, str | None]:
    """Its texts, as far as they can be seen."""
    texts = {name: getattr(request, name) for name in ("holder_name", "cohort_name", "region")}
    return {name: None if one is None else "".join(filter(str.isprintable, one)) or "x" for name, one in texts.items()}


def filled(built: dict[str, Any], paths: list[template.Path], values: list[Any] | None = None) -> bytes | None:
    made = Template(built, paths)
    return made.canonicalize(made.values(built) if values is None else values)


def test_what_could_change_more_than_values_is_left_to_the_general_way() -> None:
    made = inputs(3, achievement=ACHIEVEMENT)
    built, paths = document(made), list(varying(made))
    values = Template(built, paths).values(built)
    assert filled(built, paths) == jsonld.canonicalize(built)

    def with_value(path: template.Path, value: Any) -> list[Any]:
        return [value if one == path else old for one, old in zip(paths, values, strict=True)]

    subject = ("credentialSubject", "id")
    for strange in ("did:web:a.example", "relative", "mailto:a@b", "http://a b", "https://a.example/{x}", "", "id:x"):
        assert filled(built, paths, with_value(subject, strange)) is None
    # An address that meets another makes one thing of two.
    assert filled(built, paths, with_value(subject, values[0])) is None
    assert filled(built, paths, with_value(subject, built["credentialSubject"]["achievement"]["id"])) is None
    # Another kind of value.
    assert filled(built, paths, with_value(("credentialSubject", "narrative"), 7)) is None
    hours = ("credentialSubject", "creditsEarned")
    assert filled(built, paths, with_value(hours, "nine")) is None


def test_blank_nodes_that_tie_are_left_to_the_general_way() -> None:
    claim = EvidenceClaim(module_name="Same", genre="text", accepted_on=date(2022, 1, 1))
    made = inputs(4)
    made = msgspec.structs.replace(made, request=msgspec.structs.replace(made.request, evidence=(claim, claim)))
    built, paths = document(made), list(varying(made))
    assert filled(built, paths) is None
    assert Templates().canonicalize(built, "tied", paths) == jsonld.canonicalize(built)


def test_a_template_that_is_wrong_signs_nothing() -> None:
    """The control: a shape that lies about what is the same is found out by the comparison."""
    one, other = inputs(1), inputs(1, issuer=msgspec.structs.replace(ISSUER, name="Another"))
    templates = Templates()
    templates.canonicalize(document(one), "lie", varying(one))
    with pytest.raises(TemplateMismatchError):
        for _ in range(template.CHECK_EVERY):
            templates.canonicalize(document(other), "lie", varying(other))


def test_templates_are_bounded() -> None:
    templates = Templates(most=3)
    for seed in range(8):
        made = inputs(seed)
        templates.canonicalize(document(made), seed, varying(made))
    assert len(templates._kept) == 3
