"""Who somebody is: people, their roles, the viewer that a request is answered for, and the rules of signing in."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from email_validator import EmailNotValidError, validate_email

from services.enrollment.notices.model import Addressee
from shared.problems import InvalidInputError

#: Roles that hold for the whole organization; instructors and participants have theirs from a cohort.
Role = Literal["administrator", "coordinator"]

#: The organization of somebody who is signed in nowhere: no row has it.
NOWHERE = UUID(int=0)

LINK_LIFETIME = timedelta(minutes=15)
SESSION_LIFETIME = timedelta(days=14)
MOST_WRONG_CODES = 5
#: To one person: for one network address that asks, and for all of them.
MOST_LINKS_PER_HOUR = 5
MOST_LINKS_FOR_ALL = 30
#: RFC 5321, section 4.5.3.1.3, without the angle brackets.
_LONGEST_EMAIL = 254
#: Crockford's base 32: no I, L, O, U.
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a request is answered for; `person_id` is None for somebody who is not signed in."""

    organization_id: UUID
    person_id: UUID | None
    roles: frozenset[Role] = frozenset()
    name: str = ""
    #: A BCP 47 tag; empty for somebody who is not signed in.
    language: str = ""


ANONYMOUS = Viewer(organization_id=NOWHERE, person_id=None)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody an organization knows, with one normalized e-mail address."""

    id: UUID
    organization_id: UUID
    name: str
    email: str
    language: str = "en"
    roles: frozenset[Role] = frozenset()

    @property
    def addressee(self) -> Addressee:
        """Whom a letter to them goes to."""
        return Addressee(email=self.email, language=self.language, person_id=self.id)


class SignInLink(msgspec.Struct, frozen=True, kw_only=True):
    """A way to sign in once. Whose browser asked for it needs no code; without `code_hmac` nobody does."""

    id: UUID
    organization_id: UUID
    #: None for a link of nobody: the address asked for is unknown, or was asked for too often.
    person_id: UUID | None
    code_hmac: bytes | None
    browser_sha256: bytes | None
    #: Of the network address that asked, where somebody did.
    asker_hmac: bytes | None = None
    return_path: str
    expires_at: datetime
    used_at: datetime | None
    failed_codes: int

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be used."""
        return self.person_id is not None and self.used_at is None and now < self.expires_at

    def needs_code(self, browser: str | None) -> bool:
        """Whether the button is not enough: the link was sent by e-mail and another browser asked for it."""
        if self.code_hmac is None:
            return False
        if browser is None or self.browser_sha256 is None:
            return True
        return not hmac.compare_digest(self.browser_sha256, token_sha256(browser))


class LinksSent(msgspec.Struct, frozen=True, kw_only=True):
    """How many sign-in links were sent to somebody: asked for by anybody, and by one network address."""

    by_all: int
    by_asker: int


class PersonExistsError(Exception):
    """The id or the e-mail address belongs to another person of the organization."""


class LastAdministratorError(Exception):
    """An organization keeps at least one administrator."""


class LinkNotOpenError(Exception):
    """The sign-in link was used, has expired, or never was."""


class CodeNeededError(Exception):
    """The link was asked for in another browser, so the code in the e-mail must be typed too."""


class WrongCodeError(Exception):
    """The code is not right, or no longer; which of them, and whether there was a link at all, stays unsaid."""


class TooManyRequestsError(Exception):
    """More was asked for from one network address than people behind it need."""


def normalized_email(text: str) -> str:
    """The address as it is stored: trimmed, domain in ASCII, lower case. InvalidInputError if it is none."""
    trimmed = text.strip()
    try:
        if len(trimmed) > _LONGEST_EMAIL:
            raise EmailNotValidError
        found = validate_email(trimmed, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        found = None
    if found is None or len(found) > _LONGEST_EMAIL:
        raise InvalidInputError(("email", "Enter an e-mail address in the form name@example.org."))
    return found.lower()


def code_from(random_bytes: bytes) -> str:
    """The code that 8 random bytes make: 40 bits."""
    return "".join(_CODE_LETTERS[byte & 31] for byte in random_bytes[:CODE_LENGTH])


def shown_code(code: str) -> str:
    """A code as it is written in an e-mail: two groups of four."""
    return f"{code[:4]}-{code[4:]}"


def typed_code(text: str) -> str | None:
    """The code that somebody typed, forgiving case, spaces, hyphens and look-alikes; None if it can be no code."""
    cleaned = text.upper().replace(" ", "").replace("-", "").replace("O", "0").replace("I", "1").replace("L", "1")
    return cleaned if len(cleaned) == CODE_LENGTH and set(cleaned) <= set(_CODE_LETTERS) else None


def code_hmac(sealing_key: bytes, link_id: UUID, code: str) -> bytes:
    """What is stored of a link's code: without the service's key, 40 bits could be searched."""
    return hmac.digest(sealing_key, b"sign-in code" + link_id.bytes + code.encode(), "sha256")


def is_code_of(link: SignInLink, code: str, *, sealing_key: bytes) -> bool:
    """Whether `code` is the link's; never after too many wrong ones."""
    expected = link.code_hmac or b""
    is_right = hmac.compare_digest(expected, code_hmac(sealing_key, link.id, code))
    return is_right and link.failed_codes < MOST_WRONG_CODES


def asker_hmac(sealing_key: bytes, address: str) -> bytes:
    """What is stored of the network address that asked for a link: enough to count by."""
    return hmac.digest(sealing_key, b"sign-in asker" + address.encode(), "sha256")


def token_sha256(token: str) -> bytes:
    """What is stored of a sign-in link's, a browser's or a session's token."""
    return hashlib.sha256(token.encode()).digest()


def cookie_name(own_url: str) -> str:
    """The session cookie's name: with https, browsers hold `__Host-` to this host, path / and Secure."""
    return "__Host-laurel_session" if own_url.startswith("https://") else "laurel_session"


def browser_cookie_name(own_url: str) -> str:
    """The name of the cookie that remembers which browser asked for a sign-in link."""
    return "__Host-laurel_sign_in" if own_url.startswith("https://") else "laurel_sign_in"
