"""Badges that the tests take apart: issued for real, then changed, or made by a forger with keys of its own."""

import base64
import copy
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials.proofs import data_integrity, did
from tests.credentials.callers import Caller, award_request

Document = dict[str, Any]


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A badge fresh from the issuer."""

    organization: UUID
    award_id: UUID
    document: Document
    text: str
    jwt: str


async def issue(issuer: Caller, public: str, **changed: Any) -> Issued:
    """A badge issued and downloaded over HTTP."""
    organization, achievement = await issuer.begin()
    award_id = uuid4()
    answer = await issuer.put_award(organization, award_id, award_request(achievement, **changed))
    assert answer.status == 201, answer
    text = (await download(f"{public}/badges/{award_id}.json")).decode()
    return Issued(
        organization=organization,
        award_id=award_id,
        document=json.loads(text),
        text=text,
        jwt=(await download(f"{public}/badges/{award_id}.jwt")).decode(),
    )


async def download(url: str, accept: str = "*/*", *, language: str = "en") -> bytes:
    """The bytes at an address; an error where the answer is no 200."""
    headers = {"Accept": accept, "Accept-Language": language}
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        assert answer.status == 200, (url, answer.status)
        return await answer.read()


async def verdict_of(public: str, content: bytes, **headers: str) -> Document:
    """What `POST /verify` says of a file."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{public}/verify", data=content, headers={"Content-Type": "application/octet-stream", **headers}
        ) as answer,
    ):
        found: Document = await answer.json()
        assert answer.status == 200, found
        return found


def codes(verdict: Document) -> dict[str, str]:
    """Each check's code by its name."""
    return {one["name"]: one["code"] for one in verdict["checks"]}


class Forger:
    """Somebody with an Ed25519 key of its own."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.did = did.did_key(self.private.public_key())
        self.method = did.verification_method(self.did, self.private.public_key())

    def sign(self, document: Document, *, method: str | None = None) -> Document:
        """The document under a proof of the forger's key, said to be by `method`."""
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        return data_integrity.create(
            unsigned,
            sign=self.private.sign,
            verification_method=method or self.method,
            created=datetime.now(UTC),
        )

    def reissue(self, document: Document, **changed: Any) -> Document:
        """The badge as one of the forger's own, changed and without a status list."""
        own = copy.deepcopy(document)
        own.pop("credentialStatus", None)
        own["issuer"]["id"] = self.did
        return self.sign({name: value for name, value in {**own, **changed}.items() if value is not None})

    def token(self, payload: Document, header: Document) -> str:
        """A compact JWS of these parts."""
        signing = f"{_part(header)}.{_part(payload)}"
        return f"{signing}.{base64.urlsafe_b64encode(self.private.sign(signing.encode())).rstrip(b'=').decode()}"


def _part(value: Document) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
