"""What each code of a check says in plain words, and the clause that asks for it: one table. Pure."""

from services.credentials.containers.model import SENTENCES as CONTAINER_SENTENCES
from services.credentials.proofs.data_model import Fault
from services.credentials.verification.model import Check, CheckName, Note, Outcome

_OB = "Open Badges 3.0"
_VC = "VC Data Model 2.0"
_DI = "VC Data Integrity 1.0"
_LIST = "Bitstring Status List 1.0"

#: The clause that each check comes from, unless its code names another.
CLAUSES: dict[CheckName, str] = {
    "container": f"{_OB}, section 5.3 (Baking)",
    "syntax": "RFC 8259; RFC 7493 (I-JSON)",
    "shape": f"{_OB}, section 6; {_VC}, section 4",
    "proof": f"{_DI}, section 4.3; {_OB}, section 8",
    "issuer": f"{_VC}, section 4.7; {_OB}, section 8.2.4",
    "status": f"{_LIST}, section 3.2",
    "validity": f"{_VC}, section 4.9",
    "trust": "The verifier's own list of issuers",
}

#: `{}` is what the check found: a member, a term, an address, a date.
SENTENCES: dict[str, str] = {
    # container
    "credential_found": "The file carries a credential.",
    # syntax
    "readable": "What it carries can be read in one way only.",
    "too_large": "It is larger than a badge may be.",
    "too_deep": "It is nested deeper than a badge may be.",
    "not_utf8": "Its text is not UTF-8.",
    "not_json": "Its text is not JSON.",
    "not_an_object": "Its JSON is not an object.",
    "duplicate_member": "It says {} twice, so it has no single meaning.",
    "not_a_number": "It holds a number that JSON does not have: {}.",
    "number_too_large": "It holds a number that two readers could read differently.",
    "lone_surrogate": "It holds half a character.",
    "not_a_jwt": "Its text is no JWT in compact form.",
    "header_member_refused": "The JWT's header holds a member that is not allowed: {}.",
    "algorithm_refused": "The JWT is signed in a way that is not accepted: {}.",
    "type_refused": "The JWT is of a type that is no credential: {}.",
    "header_needs_kid_or_jwk": "The JWT's header must name its key, in one way.",
    "jwk_malformed": "The JWT's header holds a key that cannot be read.",
    "jwk_private": "The JWT gives its private key away, so anyone could have signed it.",
    "claim_disagrees": "The JWT's claim {} says something else than the badge inside.",
    "date_malformed": "A date in it cannot be read.",
    # shape
    "open_badge": "It has the form of an Open Badge.",
    "open_badge_with_faults": "It has the form of an Open Badge, with faults that leave clear what it says.",
    "learner_record": "It is a learner record (CLR). This verifier judges badges: check each of those in it.",
    "envelope_unsupported": "It is an envelope of a kind that this verifier cannot open.",
    "envelope_empty": "It says that it is an envelope, and holds no credential.",
    "context_missing": "It does not begin with the vocabulary of verifiable credentials.",
    "not_an_open_badge": "It is a credential, but not an Open Badge.",
    "member_missing": "An Open Badge needs the member {}, and this one lacks it.",
    "member_malformed": "The member {} is not as an Open Badge wants it.",
    # proof
    "verified": "The signature is intact: nothing was changed since it was signed.",
    "no_proof": "It is not signed.",
    "signature_wrong": "The signature does not match: the badge was changed, or signed by somebody else's key.",
    "proof_malformed": "The proof cannot be read.",
    "proof_purpose_wrong": "The proof was not made for saying who earned a badge.",
    "proof_expired": "The proof has expired.",
    "proof_date_malformed": "A date in the proof cannot be read.",
    "previous_proof_missing": "The proof builds on another that is not there.",
    "too_many_proofs": "It has more proofs than a badge needs.",
    "proof_unsupported": "It is signed in a way that this verifier does not know: {}.",
    "not_finished": "Checking it did not come to an end here; that may not be the badge's fault.",
    "null_identity": "It leaves open what it is about: {}.",
    "split_node": "It speaks of itself in two places, which could be read in two ways.",
    "class_as_member": "It says something under the name of a kind of things, where others would not look for it: {}.",
    "undefined_term": "It says something that its vocabulary does not define, so the signature does not cover it: {}.",
    "undefined_type": "It has a type that its vocabulary does not define, so the signature does not cover it: {}.",
    "relative_iri": "It holds an address that is not complete: {}.",
    "invalid_iri": "It holds an address that is none: {}.",
    "compact_iri": "It writes an address in a short form, which could be read as another: {}.",
    "invalid_language": "It names a language in a way that cannot be read: {}.",
    "inline_context": "It brings a vocabulary of its own, which could change the meaning of what was signed.",
    "unknown_context": "It uses a vocabulary that this verifier does not know: {}.",
    "no_context": "It names no vocabulary.",
    "too_many_contexts": "It brings more vocabularies than a badge needs.",
    "too_many_types": "It gives one thing more types than a badge needs.",
    "no_statements": "It says nothing that could be signed.",
    "number_not_normal": "It writes a number in a way that cannot be signed: {}.",
    "unsupported_keyword": "It uses a part of JSON-LD that badges do not need: {}.",
    "not_json_ld": "Its vocabulary and its content do not fit: {}.",
    "unsupported_container": "It uses a form of JSON-LD that badges do not need: {}.",
    "two_types": "It says in two places what kind of thing one is: {}.",
    "two_ids": "It names one thing by two addresses: {}.",
    "not_canonical_json": "It holds a part that cannot be put into one form: {}.",
    "already_signed": "It is signed twice over.",
    "too_complex": "It asks for more work than any badge needs, so it was not read to the end.",
    "proof_challenge_wrong": "The proof answers another question than was asked.",
    "proof_domain_wrong": "The proof was made for somebody else.",
    "proof_context_wrong": "The proof was made in another vocabulary than the badge.",
    "invalid_direction": "It says in a way that cannot be read which way its text runs: {}.",
    "key_mismatch": "The key that it names is not of the kind that the signature needs.",
    "key_not_ed25519": "The key that it names is not of the kind that the signature needs.",
    "key_not_base58btc": "The key that it names cannot be read.",
    "key_wrong_length": "The key that it names cannot be read.",
    "key_small_order": "The key that it names is one that anyone can sign for.",
    "key_not_canonical": "The key that it names cannot be read.",
    "key_unavailable": "The signer's key cannot be had right now, so the signature cannot be checked: {}.",
    "key_unreadable": "The signer's key cannot be read: {}.",
    "jwk_weak": "The key is too weak to prove anything.",
    "jwk_unsupported": "The key is of a kind that this verifier does not know.",
    # issuer
    "issuer_proven": "The key belongs to the issuer named in the badge.",
    "key_of_another": "It was signed by a key that is not the issuer's, so somebody else made it.",
    "key_not_listed": "The issuer does not list the key that signed it: {}.",
    "key_withdrawn": "The issuer has withdrawn the key that signed it.",
    "document_of_another": "The document at the issuer's address is about somebody else.",
    "document_unreadable": "The issuer's own list of keys cannot be read: {}.",
    "document_unavailable": "The issuer's own list of keys cannot be had right now: {}.",
    "logged_before": "Its key is in strange hands since, but the issuer's log had this badge before.",
    "signed_after_retirement": "The issuer had given up the key that signed it on {}, and it is dated later.",
    "signed_before_its_key": "It is dated before there was the key that signed it, which is of {}.",
    "key_compromised": "Its key was in strange hands since {}, and the issuer's log did not have it before.",
    "key_of_another_use": "It was signed by a key that the issuer keeps for its log, and for no badges.",
    "key_not_in_history": "The history of the issuer's keys, which its anchor signed, lacks the key that signed it.",
    "history_missing": "The issuer's document does not say where the history of its keys is, and should.",
    "history_unavailable": "The history of the issuer's keys cannot be had right now: {}.",
    "history_unproven": "The history of the issuer's keys cannot be believed: {}.",
    "history_of_another": "What is in place of the history of the issuer's keys is about somebody else.",
    "anchor_of_another": "The history of the issuer's keys was signed by another anchor than the one that we know.",
    "log_unavailable": "Its key is in strange hands, and whether the log had it before cannot be had right now: {}.",
    "issuer_unprovable": "The issuer is named in a way that does not say where its keys are.",
    # status
    "not_revoked": "The issuer has not revoked it.",
    "not_revoked_as_of": "By the list that came with it, the issuer had not revoked it as of {}; later is not known.",
    "no_status": "The issuer keeps no list of revoked badges for it.",
    "revoked": "The issuer revoked it on {}.",
    "replaced": "The issuer replaced it by a newer badge: {}.",
    "suspended": "The issuer has suspended it.",
    "status_malformed": "How to ask whether it was revoked is not said in a way that can be read.",
    "status_unsupported": "Whether it was revoked can be asked only in a way that this verifier does not know: {}.",
    "list_unavailable": "The issuer's list of revoked badges cannot be had right now: {}.",
    "list_unreadable": "The issuer's list of revoked badges cannot be read: {}.",
    "list_of_another": "The list of revoked badges was made by somebody else than the issuer.",
    "list_unproven": "The signature of the list of revoked badges does not hold: {}.",
    "list_not_in_force": "The list of revoked badges is not in force.",
    "list_wrong_purpose": "The list it names is not one of revoked badges.",
    "list_index": "The list of revoked badges has no place for this badge.",
    # validity
    "in_force": "Today lies in the period for which it is valid.",
    "expired": "It was valid until {}.",
    "not_yet_valid": "It is valid only from {}.",
    "period_reversed": "Its period ends before it begins, so nobody can tell when it is valid.",
    # trust
    "issuer_known": "The issuer is one that we know: {}.",
    "issuer_known_otherwise": "The issuer is one that we know, by another name that it has: {}.",
    "issuer_unknown": "We do not know this issuer: {}.",
}

#: What the rules of the data model find; `{}` is the path of the member. `proofs.data_model` has the codes.
NOTES: dict[str, str] = {
    "member_missing": "The member {} is missing.",
    "member_unexpected": "{} has a member that does not belong there.",
    "empty": "{} is empty.",
    "not_an_ordered_set": "{} is not a list.",
    "not_the_base_context": "{} is not the vocabulary of verifiable credentials.",
    "not_a_context": "{} is no vocabulary, so what the badge says could be read in two ways.",
    "type_missing": "{} does not say that it is a verifiable credential.",
    "type_unexpected": "{} says more than that it is an envelope.",
    "not_an_envelope": "{} holds no credential.",
    "not_a_type": "{} holds something that is no type.",
    "not_a_url": "{} is not a complete address.",
    "not_a_text": "{} is not a text.",
    "not_a_language": "{} names no language.",
    "not_a_direction": "{} does not say which way its text runs.",
    "not_an_object": "{} is not an object.",
    "not_a_date": "{} is not written as a date should be.",
    "zone_missing": "{} has no time zone, so it is read as UTC.",
    "ends_before_it_starts": "{} is before the date from which it is valid.",
    "not_an_index": "{} is not written as a place in a list should be.",
    "id_of_the_list": "{} is the address of the whole list.",
    "not_a_size": "{} is no number of bits.",
    "not_a_message_per_status": "{} does not have one message for each status.",
    "not_a_message": "{} is no message about a status.",
    "id_repeated": "{} is there twice.",
    "digest_missing": "{} has no digest.",
    "digest_malformed": "{} cannot be read as a digest.",
    "not_the_pinned_context": "It was made with another edition of a vocabulary than this verifier holds: {}.",
    "not_fetched": "It states digests of other files. They are not fetched here, so what those files say is not known.",
    "not_all_read": "It holds more credentials than were looked at.",
}

_CONTAINERS: dict[str, str] = {str(code): sentence for code, sentence in CONTAINER_SENTENCES.items()}


def check(name: CheckName, outcome: Outcome, code: str, where: str = "") -> Check:
    """A check with the sentence of its code; `where` is put into the sentence, cut to 200 characters."""
    sentence = _CONTAINERS.get(code) if name == "container" else None
    sentence = sentence or SENTENCES[code]
    return Check(name=name, outcome=outcome, code=code, sentence=_filled(sentence, where), clause=CLAUSES[name])


def shape_check(outcome: Outcome, fault: Fault) -> Check:
    """The check `shape`, decided by what a rule of the data model found."""
    sentence = _filled(NOTES[fault.code], fault.where)
    return Check(name="shape", outcome=outcome, code=fault.code, sentence=sentence, clause=_clause(fault))


def note(fault: Fault) -> Note:
    """What a rule of the data model found, where it decides nothing."""
    sentence = _filled(NOTES[fault.code], fault.where)
    return Note(rule=fault.rule, code=fault.code, where=fault.where, sentence=sentence, clause=_clause(fault))


def _clause(fault: Fault) -> str:
    return fault.clause.replace("VCDM", "VC Data Model")


def _filled(sentence: str, where: str) -> str:
    return sentence.replace("{}", _isolated(where[:200])) if where else _without_place(sentence)


def _isolated(text: str) -> str:
    """Text of any direction, kept from rearranging the sentence around it (Unicode UAX #9, section 6.3)."""
    return text if text.isascii() else f"\u2068{text}\u2069"


def _without_place(sentence: str) -> str:
    for place in (": {}", " on {}", " {}"):
        sentence = sentence.replace(place, "")
    return sentence
