"""The server's one status list, in which nothing is ever revoked: its entries, and the list as a credential."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from services.credentials.proofs.strict_json import JsonObject
from services.credentials.status_lists import model
from services.credentials.status_lists.model import ListToSign
from tests.conformance.server.problems import OUT_OF_RANGE, STATUS, Problem, problem
from tests.conformance.server.signer import Signer

_INDEX = re.compile(r"[0-9]{1,12}")
#: One list a process, and a process that is gone leaves none behind: it needs no name of its own.
LIST_ID = UUID("5f1a8a26-6f1d-5e0c-9d38-6b5e1c0f2d11")


class StatusList:
    """The list below a public address, which counts its entries up."""

    def __init__(self, public_url: str) -> None:
        self.address = model.address(LIST_ID, public_url=public_url)
        self._public_url = public_url
        self._free: Iterator[int] = count()

    def next_entry(self) -> JsonObject:
        """The `credentialStatus` of the next credential; a full list begins anew."""
        return model.entry(LIST_ID, next(self._free) % model.LENGTH, public_url=self._public_url)

    def document(self, signer: Signer, *, now: datetime) -> JsonObject:
        """The signed list, its `issuer` a string."""
        listed = ListToSign(
            id=LIST_ID,
            issuer_id=LIST_ID,
            length=model.LENGTH,
            created_at=now,
            revision=1,
            revoked=frozenset(),
        )
        unsigned = model.document(listed, did=signer.did, public_url=self._public_url, now=now)
        # Some of the suites' assertions count the subject's members, and this one is optional.
        subject = {name: value for name, value in unsigned["credentialSubject"].items() if name != "ttl"}
        return signer.signed({**unsigned, "credentialSubject": subject}, created=now)

    def problems(self, credential: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with the entries that name this list; other lists are not fetched here."""
        named = credential.get("credentialStatus", [])
        found: list[Problem] = []
        for entry in named if isinstance(named, list) else [named]:
            if not isinstance(entry, dict) or entry.get("statusListCredential") != self.address:
                continue
            if entry.get("statusPurpose") != "revocation":
                found.append(problem(STATUS, "credentialStatus.statusPurpose: the list has another purpose"))
            elif not _is_place(entry.get("statusListIndex")):
                found.append(problem(OUT_OF_RANGE, f"credentialStatus.statusListIndex: below {model.LENGTH} here"))
        return found


def _is_place(index: Any) -> bool:
    """Whether it is one in the list; the rules do not look into entries of types that they do not know."""
    return isinstance(index, str) and _INDEX.fullmatch(index) is not None and int(index) < model.LENGTH
