"""The forms of a badge that are drawn: its picture, the picture with the credential inside, the certificate."""

from uuid import UUID

from msgspec import UnsetType

from services.credentials.achievements.model import KeptPicture
from services.credentials.awards import results
from services.credentials.containers import png as png_container
from services.credentials.containers import svg as svg_container
from services.credentials.containers.model import ContainerError
from services.credentials.public import store
from services.credentials.public.drawing import artwork, certificate
from services.credentials.public.drawing.certificate import CertificateContent
from services.credentials.public.drawing.papers import Paper
from services.credentials.public.house import House
from services.credentials.public.model import Achievement, Badge
from shared.pages.rendering import LANGUAGES, translations, wished

#: On pictures of issuers that award nothing real.
_RIBBON = "DEMONSTRATION"


async def achievement_svg(house: House, found: Achievement) -> bytes:
    """The picture of an achievement: the one that was uploaded, or drawn from the program's color."""
    if (kept := await _uploaded(house, found)) is not None:
        return await _read(house, kept.svg_id)
    content = found.content
    ribbon = _RIBBON if found.issuer.is_demonstration else ""
    return artwork.svg(content.name, content.level_name, content.accent, found.issuer.name, demonstration=ribbon)


async def achievement_png(house: House, found: Achievement) -> bytes:
    """The same as PNG; kept where it is drawn, which takes a tenth of a second."""
    if (kept := await _uploaded(house, found)) is not None:
        return await _read(house, kept.png_id)
    drawn = await achievement_svg(house, found)
    key = ("png", found.id, found.version, found.issuer.name, found.issuer.is_demonstration)
    return await house.drawn.get(key, lambda: artwork.png(house.documents, drawn))


async def _uploaded(house: House, found: Achievement) -> KeptPicture | None:
    picture = found.content.picture
    return None if isinstance(picture, UnsetType) else await store.picture(house.pool, found.issuer.id, picture.sha256)


async def _read(house: House, file_id: UUID) -> bytes:
    return b"".join([chunk async for chunk in house.pictures.read(file_id)])


async def baked_png(house: House, badge: Badge) -> bytes:
    """The achievement's picture with the signed credential inside."""
    return png_container.bake(await achievement_png(house, _achievement(badge)), badge.signed_json)


async def baked_svg(house: House, badge: Badge) -> bytes:
    """The same as SVG; with the JWT inside where the JSON holds a letter that no XML may."""
    picture = await achievement_svg(house, _achievement(badge))
    try:
        return svg_container.bake(picture, badge.signed_json)
    except ContainerError as error:
        if error.code != "unsuitable_text":
            raise
        return svg_container.bake(picture, badge.signed_jwt)


async def pdf(house: House, badge: Badge, *, link: str, paper: Paper = "letter", language: str | None = None) -> bytes:
    """The certificate with the signed credential attached, in the achievement's language without another; kept."""
    language = wished(language, badge.achievement.language) or LANGUAGES[0]
    content = _content(badge, link=link, language=language, paper=paper)
    translate = translations(language).gettext
    return await house.drawn.get(
        ("pdf", badge.credential_id, content),
        lambda: certificate.render(house.documents, content, badge.signed_json, translate=translate),
    )


def _achievement(badge: Badge) -> Achievement:
    request = badge.request
    return Achievement(
        id=request.achievement_id,
        version=request.achievement_version,
        issuer=badge.issuer,
        content=badge.achievement,
    )


def _content(badge: Badge, *, link: str, language: str, paper: Paper) -> CertificateContent:
    request, achievement = badge.request, badge.achievement
    provider = None if isinstance(request.provider, UnsetType) else request.provider
    return CertificateContent(
        program_name=achievement.program_name,
        level_name=achievement.level_name,
        achievement_name=achievement.name,
        holder_name=request.holder_name,
        description=achievement.description,
        credit_minutes=request.credit_minutes,
        activity_start=request.activity_start,
        activity_end=request.activity_end,
        awarded_on=request.awarded_at.date(),
        cohort_name=request.cohort_name,
        region=request.region,
        issuer_name=badge.issuer.name,
        is_demonstration=badge.issuer.is_demonstration,
        badge_url=link,
        issued_at=badge.issued_at,
        accent=achievement.accent,
        results=tuple(results.told(request, achievement)),
        topics=() if isinstance(request.topics, UnsetType) else request.topics,
        provider_name=provider.name if provider else "",
        provider_number=(provider.number if provider else None) or "",
        language=language,
        paper=paper,
    )
