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


class FetchedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What an address gave: its bytes as text, or why there are none."""

    url: str
    content: bytes | None = None
    error: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """All that a judgment is made of."""

    payload: str
    form: Form
    fetched: tuple[FetchedDocument, ...]
    now: datetime

    def found(self, url: str) -> FetchedDocument:
        """What was fetched from an address; an empty answer for one that was not asked."""
        return next((one for one in self.fetched if one.url == url), FetchedDocument(url=url, error="not asked"))
