"""Opens a file: the credential inside, its form, what it says, what must be fetched. Run in a limited child."""

import msgspec

from services.credentials.containers.detect import unpack
from services.credentials.containers.model import ContainerError
from services.credentials.proofs import strict_json, vc_jwt
from services.credentials.proofs.strict_json import JsonError, JsonObject
from services.credentials.proofs.vc_jwt import CredentialJwt, JwtError
from services.credentials.verification import findings, keys, shape, status
from services.credentials.verification.case import Examination
from services.credentials.verification.model import Facts
from services.credentials.verification.sentences import check

#: Of such a file nothing is known; that is not the same as false.
_UNKNOWN = frozenset({"older_format", "encrypted_pdf"})
_MOST_ADDRESSES = 4
_ENVELOPES = frozenset({"data:application/vc+jwt", "data:application/vc+ld+json+jwt"})


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A credential, the token that it came in, and the envelope around the token, where there are such."""

    credential: JsonObject
    token: CredentialJwt | None = None
    envelope: JsonObject | None = None


def examine(content: bytes) -> bytes:
    """An Examination as JSON, of a file's bytes."""
    return msgspec.json.encode(_examination(content))


def _examination(content: bytes) -> Examination:
    try:
        found = unpack(content)
    except ContainerError as error:
        outcome = "unknown" if error.code in _UNKNOWN else "failed"
        refused = check("container", outcome, error.code)  # type: ignore[arg-type]  # both are outcomes
        return Examination(kind=error.kind, checks=(refused,), facts=Facts())
    carried = check("container", "passed", "credential_found")
    try:
        reading = read(found.payload, found.form)
    except (JsonError, JwtError) as error:
        unread = check("syntax", "failed", error.code, error.where)
        return Examination(kind=found.kind, checks=(carried, unread), facts=Facts())
    credential = reading.credential
    shaped = findings.check_shape(credential, reading.envelope)
    checks = (carried, check("syntax", "passed", "readable"), shaped)
    if shaped.outcome == "failed" or shaped.code == "envelope_unsupported":
        return Examination(kind=found.kind, checks=checks, facts=shape.facts(credential))
    return Examination(
        kind=found.kind,
        checks=checks,
        facts=shape.facts(credential),
        form=found.form,
        payload=found.payload,
        keys=keys.addresses(credential, reading.token)[:_MOST_ADDRESSES],
        lists=status.addresses(credential)[:_MOST_ADDRESSES],
        documents=found.documents,
        history=found.history,
    )


def read(payload: str, form: str) -> Reading:
    """The credential of a payload, out of its token and its envelope; JsonError or JwtError."""
    if form == "jwt":
        token = vc_jwt.read(payload)
        return Reading(credential=dict(token.credential), token=token)
    document = strict_json.parse(payload.encode())
    if (enveloped := _enveloped(document)) is not None:
        token = vc_jwt.read(enveloped, is_enveloped=True)
        return Reading(credential=dict(token.credential), token=token, envelope=document)
    return Reading(credential=document)


def _enveloped(document: JsonObject) -> str | None:
    """The token of an EnvelopedVerifiableCredential (VC Data Model 2.0, section 4.13)."""
    if "EnvelopedVerifiableCredential" not in shape.listed(document.get("type")):
        return None
    media_type, comma, token = str(document.get("id")).partition(",")
    return token if comma and media_type in _ENVELOPES else None
