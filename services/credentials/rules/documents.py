"""Rules of every document: contexts, strictness, types, who issues it, addresses, sizes."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from services.credentials.proofs import contexts, jsonld
from services.credentials.proofs.contexts import ContextChangedError, UnknownContextError
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.rdfc import TooComplexError
from services.credentials.proofs.strict_json import JsonObject
from services.credentials.rules.forms import FORMS, ROOTS, citations
from services.credentials.rules.model import Facts, Kind, Rule
from services.credentials.rules.walk import LINKS, MOST_ITEMS

#: Half of what the verifier reads (`strict_json.MAX_BYTES`), so that an envelope, a picture or a JWT still fits.
MOST_BYTES = 512 * 1024
_BASE = [contexts.CREDENTIALS_V2]
_BADGE = [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES]
_OF_OPEN_BADGES = frozenset({"OpenBadgeCredential", "AchievementCredential", "EndorsementCredential"})
#: Beside Open Badges', the contexts that documents of other kinds may name.
_FURTHER = frozenset(contexts.PINNED) - {contexts.CREDENTIALS_V1}
#: The proof, and the claims of a JWT.
_SECURING = ("proof", "iss", "jti", "sub", "nbf", "exp", "iat", "aud", "vc")
_SCHEMAS = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_{}_schema.json"
_SCHEMA_OF = {
    "OpenBadgeCredential": _SCHEMAS.format("achievementcredential"),
    "EndorsementCredential": _SCHEMAS.format("endorsementcredential"),
}


def listed(value: Any) -> list[Any]:
    """A member that may be one thing or a list of them."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _context_order(document: JsonObject, facts: Facts) -> Iterator[str]:
    named, kinds = document["@context"], listed(document.get("type"))
    if not isinstance(named, list):
        yield "@context"
        return
    if _OF_OPEN_BADGES.isdisjoint(kinds):
        is_right = named == _BASE if "BitstringStatusListCredential" in kinds else named[:1] == _BASE
        if not is_right or len(set(map(str, named))) < len(named):
            yield "@context"
        return
    wanted = [*_BADGE, contexts.EXTENSIONS] if _uses_extensions(document) else _BADGE
    if named != wanted:
        yield "@context"


def _uses_extensions(document: JsonObject) -> bool:
    typed = [one for name in ("credentialSchema", "refreshService") for one in listed(document.get(name))]
    kinds = [kind for one in typed if isinstance(one, Mapping) for kind in listed(one.get("type"))]
    return any(isinstance(kind, str) and kind.startswith("1EdTech") for kind in kinds)


def _context_digest(document: JsonObject, facts: Facts) -> Iterator[str]:
    for number, one in enumerate(listed(document["@context"])):
        try:
            contexts.document(one if isinstance(one, str) and one in _FURTHER else "")
        except (UnknownContextError, ContextChangedError):
            yield f"@context[{number}]"


def _safe_mode(document: JsonObject, facts: Facts) -> Iterator[str]:
    try:
        jsonld.canonicalize(document)
    except JsonLdError as error:
        yield error.where if error.where.isidentifier() else "the document"
    except (UnknownContextError, TooComplexError):
        yield "the document"


def _types(document: JsonObject, facts: Facts) -> Iterator[str]:
    kinds = document.get("type")
    if not isinstance(kinds, list) or kinds[0] != "VerifiableCredential" or len(set(map(str, kinds))) < len(kinds):
        yield "type"


def _issuer(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    issuer = document.get("issuer")
    if (issuer.get("id") if isinstance(issuer, dict) else issuer) == facts.issuer:
        return ()
    return ("issuer.id",) if isinstance(issuer, dict) else ("issuer",)


def _id(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    found = document.get("id")
    return () if isinstance(found, str) and found.startswith(f"{facts.public_url}/") else ("id",)


def _proof(document: JsonObject, facts: Facts) -> Iterator[str]:
    for name in _SECURING:
        if name in document:
            yield name


def _is_openable(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.username is None


def _sources(document: JsonObject, facts: Facts) -> Iterator[str]:
    own = f"{facts.public_url}/"
    for place, address in _source_addresses(document):
        if isinstance(address, str) and not address.startswith("https://") and not address.startswith(own):
            yield place


def _source_addresses(document: JsonObject) -> Iterator[tuple[str, Any]]:
    subject = document.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    if isinstance(achievement, dict):
        for name in ("criteria", "image"):
            if isinstance(one := achievement.get(name), dict):
                yield f"credentialSubject.achievement.{name}.id", one.get("id")
    for number, one in enumerate(listed(document.get("evidence"))):
        if isinstance(one, dict):
            yield f"evidence[{number}].id", one.get("id")
    if isinstance(one := document.get("refreshService"), dict):
        yield "refreshService.id", one.get("id")


def _schema(document: JsonObject, facts: Facts) -> Iterator[str]:
    wanted = next((_SCHEMA_OF[one] for one in listed(document.get("type")) if one in _SCHEMA_OF), None)
    if wanted is not None and document["credentialSchema"][0].get("id") != wanted:
        yield "credentialSchema[0].id"


def _required(name: str) -> str:
    """What a class must have, in words."""
    found = [member for member, wanted in FORMS[name].members.items() if wanted[-1] == "!"]
    return " and ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else (found or ["an address or words"])[0]


_OB_KINDS: frozenset[Kind] = frozenset(("badge", "endorsement"))
_FORMED: frozenset[Kind] = frozenset(ROOTS)
_MISTAKE = "This is a mistake in our program, and nothing was signed: tell us."

FORM_RULES = (
    *(
        Rule(
            id=rule,
            asks=f"Each {name} has {_required(name)}, each member is of its kind, and none is unknown.",
            citation=citation,
            advice=f"A part of it ({name}) is not in the published form. {_MISTAKE}",
            kinds=kinds,
        )
        for rule, name, citation, kinds in citations()
    ),
    Rule(
        id="arrays",
        asks="Members are arrays where the published schema wants arrays, and single values elsewhere.",
        citation="Open Badges 3.0, JSON Schema of AchievementCredential; VCDM 2.0, section 4.5",
        advice=f"A list stands where one value belongs, or the other way round. {_MISTAKE}",
        kinds=_FORMED,
    ),
    Rule(
        id="no-empty-members",
        asks="No member is null, an empty array or an empty object: what is not said is left out.",
        citation="Open Badges 3.0, Serialization in JSON; JSON-LD 1.1 API, section 5.1 (null is dropped)",
        advice=f"A part of it is empty. {_MISTAKE}",
    ),
    Rule(
        id="list-lengths",
        asks=f"No list has more than {MOST_ITEMS} things.",
        citation="Laurel's contracts, AwardRequest and AchievementVersion",
        advice=f"A list has more than {MOST_ITEMS} things. Shorten it.",
        kinds=_FORMED,
    ),
    Rule(
        id="private-members",
        asks="No member tells a license number, a birth date, a legal name or, save in transcripts, a telephone.",
        citation="VCDM 2.0, section 8.3 (Personally Identifiable Information)",
        advice="It would tell a license number, a date of birth or another private matter for good. Take it out.",
    ),
    Rule(
        id="one-meaning",
        asks="It is JSON with one meaning: no number beyond 2^53, none that is no number, no half characters.",
        citation="RFC 7493, sections 2.1 to 2.3",
        advice="A number is too large, or a text was damaged. Write it anew.",
    ),
    Rule(
        id="document-size",
        asks=f"It has at most {MOST_BYTES} bytes.",
        citation="RFC 8259, section 9 (limits of readers); Laurel reads 1 MiB",
        advice="It is larger than verifiers read. Shorten the achievement's texts or award it with less evidence.",
    ),
)
assert {form.rule for form in FORMS.values()} <= {rule.id for rule in FORM_RULES}

RULES = (
    Rule(
        id="context-order",
        asks="@context names the contexts that belong to its types, in their order, and each once.",
        citation="VCDM 2.0, section 4.3; Open Badges 3.0, JSON-LD contexts",
        advice=f"Its contexts are not those of the published form. {_MISTAKE}",
        check=_context_order,
        reads=("@context", "type", "credentialSchema", "refreshService"),
    ),
    Rule(
        id="context-digest",
        asks="Each context is one that is pinned here, and the pinned file has its SHA-256.",
        citation="VCDM 2.0, appendix B.1 (Base Context)",
        advice=f"It names a context that is not pinned here, or a pinned file was changed. {_MISTAKE}",
        check=_context_digest,
        reads=("@context",),
    ),
    Rule(
        id="safe-mode",
        asks="Every member and type is defined by a context, and every address is absolute: nothing goes unsigned.",
        citation="Open Badges certification guide 1.5, JSON-LD safe mode; VC Data Integrity 1.0, section 2.4.3",
        advice=f"A part of it would not be covered by the signature. {_MISTAKE}",
        check=_safe_mode,
        # Of what varies, only addresses could be relative, and their form is a rule of each class.
        reads=("@context", "type"),
    ),
    Rule(
        id="types",
        asks="type is an array that begins with VerifiableCredential and says what it is, nothing twice.",
        citation="VCDM 2.0, section 4.5",
        advice=f"It does not say what it is. {_MISTAKE}",
        check=_types,
        reads=("type",),
    ),
    Rule(
        id="issuer-named",
        asks="The issuer is the one in whose name it is signed.",
        citation="VCDM 2.0, section 4.7",
        advice=f"It names another issuer than the one that signs. {_MISTAKE}",
        check=_issuer,
        reads=("issuer",),
        asks_facts=True,
    ),
    Rule(
        id="own-address",
        asks="Its id is an address below this installation's, where it can be had.",
        citation="VCDM 2.0, section 4.4",
        advice="It would be published under an address that is not ours. Check LAUREL_PUBLIC_URL.",
        check=_id,
        reads=("id",),
        asks_facts=True,
    ),
    Rule(
        id="unsecured",
        asks="It has no proof yet, and none of the members that a JWT adds.",
        citation="VC Data Integrity 1.0, section 4.2 (Add Proof); Open Badges 3.0, section 8.2.4",
        advice=f"It was signed before. {_MISTAKE}",
        check=_proof,
        reads=_SECURING,
    ),
    Rule(
        id="openable-addresses",
        asks="Addresses that people may open are web addresses with a host, and hold no user or password.",
        citation="RFC 9110, sections 4.2.1, 4.2.2 and 4.2.4",
        advice="An address is not one that a browser opens: it must begin with https:// or http://. Correct it.",
        on=LINKS,
        accepts=_is_openable,
    ),
    Rule(
        id="source-addresses",
        asks="Criteria, evidence and images are at https addresses, or below this installation's own.",
        citation="Open Badges 3.0, data models of Criteria, Evidence and Image; RFC 9110, section 4.2.2",
        advice="What it rests on must be at an address that begins with https://. Correct the address.",
        kinds=frozenset({"badge"}),
        check=_sources,
        reads=(
            "credentialSubject.achievement.criteria",
            "credentialSubject.achievement.image",
            "evidence.id",
            "refreshService",
        ),
        asks_facts=True,
    ),
    Rule(
        id="published-schema",
        asks="credentialSchema names the published schema of its type first.",
        citation="Open Badges 3.0, data model of CredentialSchema",
        advice=f"It does not name the schema that it follows. {_MISTAKE}",
        kinds=_OB_KINDS,
        check=_schema,
        reads=("credentialSchema", "type"),
    ),
)
