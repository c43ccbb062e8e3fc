"""In what a badge differs from the one that it replaces, in words, and the issuer's statement of it. Pure."""

import base64
import hashlib
from datetime import UTC, datetime
from uuid import UUID

from services.credentials.awards.model import Order, SignedCredential, Standing
from services.credentials.proofs import contexts
from services.credentials.proofs.strict_json import JsonObject
from shared.contracts import CORRECTED
from shared.words import N_

#: Which parts of a badge changed, by member. The values are not told: a name that was wrong is nobody's business.
WORDS: dict[str, str] = {
    "holder_name": N_("the holder's name"),
    "credit_minutes": N_("the hours"),
    "activity_start": N_("when the activities began"),
    "activity_end": N_("when the activities ended"),
    "evidence": N_("the evidence"),
    "results": N_("the results"),
    "valid_until": N_("until when it is valid"),
    "signature": N_("the key that signed it"),
}


def changes(old: Standing, new: Order) -> tuple[str, ...]:
    """The members of `WORDS` in which a credential differs from the one that it replaces."""
    found = [name for name in CORRECTED if getattr(old.request, name) != getattr(new.request, name)]
    if old.valid_until != new.valid_until:
        found.append("valid_until")
    return tuple(found) or ("signature",)


def told(found: tuple[str, ...]) -> str:
    """What changed, as an English enumeration."""
    words = [WORDS[one] for one in found]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def statement(
    old: Standing, new: Order, signed: SignedCredential, *, did: str, issuer_name: str, public_url: str
) -> JsonObject:
    """The issuer's unsigned word that `new` replaced `old`: a verifiable credential about the old one."""
    before, after = (address(one, public_url=public_url) for one in (old.credential_id, new.credential_id))
    digest = base64.b64encode(hashlib.sha256(signed.json.encode()).digest()).decode()
    return {
        "@context": [contexts.CREDENTIALS_V2],
        "id": f"{before}/replacement",
        "type": ["VerifiableCredential"],
        "name": "Statement of replacement",
        "description": f"{issuer_name} replaced this badge by a newer one, at the same link.",
        "issuer": {"id": did, "name": issuer_name},
        "validFrom": _moment(new.valid_from),
        "credentialSubject": {
            "id": before,
            "name": f"Replaced by {after}",
            "description": f"What changed: {told(changes(old, new))}.",
        },
        "relatedResource": [{"id": after, "mediaType": "application/vc", "digestSRI": f"sha256-{digest}"}],
    }


def address(credential_id: UUID, *, public_url: str) -> str:
    """The id of a credential."""
    return f"{public_url}/credentials/{credential_id}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
