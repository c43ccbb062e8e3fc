"""The one-time token between the rules and the signer: given for one document's bytes, spent by signing its forms."""

import hashlib
from collections.abc import Hashable
from datetime import datetime
from typing import Any, NoReturn

from services.credentials.proofs.template import Path
from services.credentials.rules.model import Draft, PermitError

_SEAL = object()


class Permit:
    """Allows the forms of one document, its proof and its JWT, by the keys that the rules were told of. Once.

    Only the rules make one; it can be neither copied nor stored.
    """

    __slots__ = ("_keys", "_sha256", "_unspent", "issuer", "public_url", "shape", "signed_at", "varying")

    def __init__(self, seal: object, draft: Draft, content: bytes) -> None:
        if seal is not _SEAL:
            raise PermitError("not_of_the_rules")
        facts = draft.facts
        #: In whose name it is signed, the date that the proof bears, and where keys are published.
        self.issuer: str = facts.issuer
        self.signed_at: datetime = facts.signed_at
        self.public_url: str = facts.public_url
        #: What makes canonicalizing faster (`proofs.template`).
        self.shape: Hashable = draft.shape
        self.varying: tuple[Path, ...] = draft.varying
        self._keys = frozenset(one.id for one in facts.keys)
        self._sha256 = hashlib.sha256(content).digest()
        # Taken out by whoever spends it: of two threads, only one finds it.
        self._unspent = [True]

    def spend(self, content: bytes, *keys: str) -> None:
        """PermitError unless it is for these bytes and keys and was not spent; a wrong try spends it too."""
        try:
            self._unspent.pop()
        except IndexError:
            raise PermitError("spent") from None
        if hashlib.sha256(content).digest() != self._sha256:
            raise PermitError("another_document")
        if not self._keys.issuperset(keys):
            raise PermitError("another_key")

    def __copy__(self) -> NoReturn:
        """TypeError: a copy could be spent again."""
        raise TypeError("a permit cannot be copied")

    def __deepcopy__(self, memo: Any) -> NoReturn:
        """TypeError, as for any copy."""
        raise TypeError("a permit cannot be copied")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        """TypeError: what is stored could be spent again."""
        raise TypeError("a permit cannot be stored")


def give_permit(draft: Draft, content: bytes) -> Permit:
    """The permit for a draft that every rule accepts; `content` are its bytes. Called by `book.examine` alone."""
    return Permit(_SEAL, draft, content)
