"""Badges signed, verified, baked and drawn as the services do it, each beside the bare work inside it."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials.awards.document import Inputs
from services.credentials.containers import png, svg
from services.credentials.public.drawing import artwork, certificate
from services.credentials.public.drawing.certificate import CertificateContent
from services.credentials.verification import examination, judgment
from services.credentials.verification.case import Case, Examination
from shared.documents import DocumentPool
from tests.benchmarks.measuring import Comparison, compare, compare_at_once
from tests.credentials.callers import ACHIEVEMENT
from tests.credentials.web_issuer import NOW, WebIssuer

_HASHES = b"\x5a" * 64  # as many bytes as an eddsa-rdfc-2022 proof signs


def of_signatures() -> Iterator[Comparison]:
    """Signing and verifying in one thread, in both forms; RS256 by itself, since it explains what its JWTs cost."""
    private = Ed25519PrivateKey.generate()
    signature, public = private.sign(_HASHES), private.public_key()
    bare_sign = ("Ed25519 sign", lambda: private.sign(_HASHES))
    bare_verify = ("Ed25519 verify", lambda: public.verify(signature, _HASHES))
    ed25519, rs256 = WebIssuer(has_rs256=False), WebIssuer()
    yield compare("issue: proof and EdDSA JWT, both read back", ("badges", _issue(ed25519)), bare_sign)
    yield compare("issue: proof and RS256 JWT, both read back", ("badges", _issue(rs256)), bare_sign)
    yield compare(
        "RS256 by itself", ("signatures", lambda: rs256.custody.sign_bytes(rs256.jwt_key, _HASHES)), bare_sign
    )
    yield compare("verify: JSON and its status list", ("badges", _judge(ed25519, "json")), bare_verify)
    yield compare("verify: EdDSA JWT and its status list", ("badges", _judge(ed25519, "jwt")), bare_verify)
    yield compare("verify: RS256 JWT and its status list", ("badges", _judge(rs256, "jwt")), bare_verify)


def _issue(issuer: WebIssuer) -> Callable[[], object]:
    """One cohort's badges again and again: the same achievement, each with ids of its own."""
    first = issuer.inputs()
    cohort: list[Inputs] = [
        msgspec.structs.replace(first, reservation=issuer.inputs(index=index).reservation) for index in range(25)
    ]
    turns = cycle(cohort)
    return lambda: issuer.sign(next(turns))


def _judge(issuer: WebIssuer, form: str) -> Callable[[], bytes]:
    """What the verifier's children do with a file; no network, no process."""
    badge, answers = issuer.badge(), issuer.answers(issuer.document())
    content = (badge.json if form == "json" else badge.jwt).encode()

    def judge() -> bytes:
        examined = msgspec.json.decode(examination.examine(content), type=Examination)
        assert examined.payload is not None
        assert examined.form is not None
        case = Case(payload=examined.payload, form=examined.form, fetched=answers, now=NOW)
        return judgment.judge(msgspec.json.encode(case))

    checks = judge()
    assert checks.count(b'"passed"') == 4, checks
    return judge


async def of_files() -> list[Comparison]:
    """Baking and reading beside copying, in one thread; certificates drawn one after another by one child."""
    text = WebIssuer(has_rs256=False).badge().json
    drawn = artwork.svg(ACHIEVEMENT.name, ACHIEVEMENT.level_name, "#1f5c4d", "Example Association")
    async with DocumentPool() as pool:
        picture = await artwork.png(pool, drawn)
        baked = png.bake(picture, text)
        copy = (f"copies of {len(picture) // 1024} KiB", lambda: bytearray(picture))
        return [
            compare("bake a PNG", ("badges", lambda: png.bake(picture, text)), copy),
            compare("read a baked PNG", ("badges", lambda: png.extract(baked)), copy),
            compare("draw and bake an SVG", ("badges", lambda: svg.bake(_draw(), text)), ("drawings", _draw)),
            await _of_pages(pool, text),
        ]


def _draw() -> bytes:
    return artwork.svg(ACHIEVEMENT.name, ACHIEVEMENT.level_name, "#1f5c4d", "Example Association")


async def _of_pages(pool: DocumentPool, text: str) -> Comparison:
    content = CertificateContent(
        program_name=ACHIEVEMENT.program_name,
        level_name=ACHIEVEMENT.level_name,
        achievement_name=ACHIEVEMENT.name,
        holder_name="Zoë Ŵyn \u05e9\u05e8\u05d4",
        description=ACHIEVEMENT.description,
        credit_minutes=570,
        activity_start=date(2021, 9, 18),
        activity_end=date(2022, 4, 23),
        awarded_on=date(2026, 11, 1),
        cohort_name="North 1",
        region="North",
        issuer_name="Example Association",
        is_demonstration=False,
        badge_url="https://badges.example/badges/7f3f2c1e-1b7e-4d0c-9b0e-0a4d5f1e2c3b",
        issued_at=NOW,
    )

    async def draw() -> bytes:
        return await certificate.render(pool, content, text)

    async def draw_a_word() -> bytes:
        return await pool.render("<html lang=en><title>A</title>A</html>", created=NOW)

    return await compare_at_once(
        "draw a certificate with its credential", ("pages", draw), ("pages of one word", draw_a_word), clients=1
    )
