"""What passes between the process that fetches and the children that read strangers' documents. Pure."""

from datetime import datetime, timedelta

import msgspec

from services.credentials.containers.model import Form, Kind
from services.credentials.verification.model import Check, Facts

#: The issuer's clock and ours may differ by this much.
LEEWAY = timedelta(minutes=5)


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What a file carries and what must be fetched to judge it. `payload` is None where there is nothing to judge."""

    kind: Kind
    checks: tuple[Check, ...]
    facts: Facts
    form: Form | None = None
    payload: str | None = None
    #: Addresses of documents with keys, and of status lists; each at most a few.
    keys: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    #: What came with the badge, by address, and which of it is the history of the issuer's keys.
    documents: dict[str, bytes] = {}
    history: str | None = None


class FetchedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What an address gave: its bytes as text, or why there are none."""

    url: str
    content: bytes | None = None
    error: str = ""
    #: The server answered that it has no such thing.
    is_absent: bool = False
    #: It came with the badge, since the address could not be asked.
    is_enclosed: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """All that a judgment is made of."""

    payload: str
    form: Form
    fetched: tuple[FetchedDocument, ...]
    now: datetime
    #: The multikey of the issuer's anchor, where the verifier has pinned it.
    anchor: str | None = None
    #: The address under which a history of the issuer's keys came with the badge. A pinned anchor makes it count where
    #: the issuer's own document cannot be had.
    history: str | None = None

    def asked(self, url: str) -> FetchedDocument | None:
        """What an address gave; None for one that was not asked."""
        return next((one for one in self.fetched if one.url == url), None)

    def found(self, url: str) -> FetchedDocument:
        """What was fetched from an address; an empty answer for one that was not asked."""
        return self.asked(url) or FetchedDocument(url=url, error="not asked")


class Judgment(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of a case; or `wanted`, an address that must be asked before there can be any.

    `names` are all that the issuer's key history calls it, and `anchor` the one who signed that.
    """

    checks: tuple[Check, ...] = ()
    wanted: str | None = None
    anchor: str | None = None
    names: tuple[str, ...] = ()
