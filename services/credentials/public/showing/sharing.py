"""What a badge's page says elsewhere: LinkedIn's form, the snippet of the frame, cards of links, schema.org. Pure."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from markupsafe import Markup
from msgspec import UnsetType

from services.credentials.proofs.strict_json import JsonObject
from services.credentials.public.model import Badge

_LINKEDIN = "https://www.linkedin.com/profile/add"
#: Of the frame that other sites show, in CSS pixels.
EMBED_WIDTH, EMBED_HEIGHT = 400, 220
_SNIPPET = Markup(
    '<iframe src="{source}" width="{width}" height="{height}" title="{title}" loading="lazy" '
    'referrerpolicy="no-referrer" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
)


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page offers to share a badge with."""

    link: str
    #: LinkedIn's form, filled in; nothing is sent before the holder follows the link.
    linkedin: str
    award_id: UUID
    achievement: str
    issuer: str
    awarded_at: datetime
    snippet: str


def sharing(badge: Badge, *, link: str) -> Sharing:
    """The ways to share it."""
    return Sharing(
        link=link,
        linkedin=_linkedin(badge, link),
        award_id=badge.award_id,
        achievement=badge.achievement.name,
        issuer=badge.issuer.name,
        awarded_at=badge.request.awarded_at,
        snippet=_snippet(badge, link),
    )


def _linkedin(badge: Badge, link: str) -> str:
    fields = {
        "startTask": "CERTIFICATION_NAME",
        "name": badge.achievement.name,
        "organizationName": badge.issuer.name,
        "issueYear": str(badge.request.awarded_at.year),
        "issueMonth": str(badge.request.awarded_at.month),
        "certUrl": link,
        "certId": str(badge.award_id),
    }
    return f"{_LINKEDIN}?{urlencode(fields)}"


def _snippet(badge: Badge, link: str) -> str:
    """HTML for other sites; the names in it are escaped, since it is pasted as it is."""
    title = f"{badge.achievement.name}, {badge.issuer.name}"
    return str(_SNIPPET.format(source=f"{link}/embed", width=EMBED_WIDTH, height=EMBED_HEIGHT, title=title))


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What sites show of a link to a published badge (Open Graph), and what search engines read (schema.org)."""

    title: str
    description: str
    url: str
    image: str
    image_text: str
    site: str
    linked_data: JsonObject


def card(badge: Badge, *, link: str, public_url: str) -> Card:
    """The card of a published badge. It names the holder nowhere: whoever follows the link reads who it is."""
    request, achievement, issuer = badge.request, badge.achievement, badge.issuer
    described = f"{public_url}/achievements/{request.achievement_id}/versions/{request.achievement_version}"
    image = f"{described}/image.png"
    return Card(
        title=achievement.name,
        description=achievement.description[:300],
        url=link,
        image=image,
        image_text=achievement.name if isinstance(achievement.picture, UnsetType) else achievement.picture.caption,
        site=issuer.name,
        linked_data={
            "@context": "https://schema.org",
            "@type": "EducationalOccupationalCredential",
            "@id": link,
            "url": link,
            "name": achievement.name,
            "description": achievement.description,
            "image": image,
            "inLanguage": achievement.language,
            "credentialCategory": achievement.achievement_type,
            "educationalLevel": achievement.level_name,
            "dateCreated": request.awarded_at.date().isoformat(),
            "recognizedBy": {"@type": "Organization", "name": issuer.name, "url": issuer.url},
        },
    )
