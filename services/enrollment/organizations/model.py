"""What an organization is, and which names its address may have."""

import re
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import msgspec

from shared.contracts import Address, IssuerProfile, Line, Text
from shared.names import is_legible, one_line

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG = 60
#: First parts of our own addresses: no organization may take their place.
RESERVED_SLUGS = frozenset(
    {"api", "awards", "health", "language", "mailbox", "metrics", "problems", "schema", "sign-in", "sign-out", "static"}
)


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever runs cohorts; its issuer at the credential service has the same id."""

    id: UUID
    #: The first part of its pages' addresses.
    slug: str
    name: str
    url: str
    description: str | None
    #: An IANA time zone.
    time_zone: str
    #: A BCP 47 language tag.
    language: str
    is_demonstration: bool


class OrganizationExistsError(Exception):
    """Another organization of this installation has this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


def tidied(organization: Organization) -> Organization:
    """The organization as it is stored: its name on one line, no description instead of an empty one."""
    description = (organization.description or "").strip() or None
    return msgspec.structs.replace(organization, name=one_line(organization.name), description=description)


def problems_of(organization: Organization) -> list[tuple[str, str]]:
    """What keeps an organization from being created, as (field, sentence) pairs."""
    found = []
    if len(organization.slug) > _LONGEST_SLUG or not _SLUG.fullmatch(organization.slug):
        found.append(("slug", "Use lower-case letters a to z, digits and single hyphens, at most 60 characters."))
    elif organization.slug in RESERVED_SLUGS:
        found.append(("slug", "This word is taken by the application's own addresses; choose another."))
    if not _fits(organization.name, Line) or not is_legible(organization.name):
        found.append(("name", "Give a name of letters, at most 300 characters, none of them invisible."))
    if not _fits(organization.url, Address):
        found.append(("url", "Give the address of its web site, beginning with https:// or http://."))
    if organization.time_zone not in available_timezones():
        found.append(("time_zone", "Give an IANA time zone, such as America/Chicago."))
    if organization.description is not None and not _fits(organization.description, Text):
        found.append(("description", "Give a description of at most 10,000 characters."))
    return found


def _fits(value: str, kind: Any) -> bool:
    """Whether the issuer takes the value: what it refuses would be sent to it for ever."""
    try:
        msgspec.convert(value, kind)
        value.encode()
    except (msgspec.ValidationError, UnicodeEncodeError):
        return False
    return True


def issuer_profile(organization: Organization) -> IssuerProfile:
    """What the credential service is told of the organization."""
    return IssuerProfile(
        name=organization.name,
        url=organization.url,
        description=organization.description,
        is_demonstration=organization.is_demonstration,
    )
