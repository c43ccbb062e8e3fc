"""Presentations and envelopes, well and badly."""

from tests.conformance.data_model_cases.case import (
    BASE,
    BASES,
    ENVELOPE,
    PROOF,
    URL,
    V2,
    Kind,
    accepts,
    context,
    refuses,
    without,
)

PRESENTED: tuple[Kind, ...] = ("presentation", "older presentation")
for kind in PRESENTED:
    base = BASES[kind]["@context"][0]
    accepts("presentation_context", kind, **context(base, URL))
    refuses("presentation_context", "member_missing", "@context", kind, **{"@context": ...})
    refuses("presentation_context", "not_the_base_context", "@context[0]", kind, **context(URL, base))
    accepts("presentation_type", kind, type=["Mapped", "VerifiablePresentation"])
    refuses("presentation_type", "member_missing", "type", kind, type=...)
    refuses("presentation_type", "type_missing", "type", kind, type="VerifiableCredential")
    refuses("presentation_type", "not_a_type", "type", kind, type=[None])
    accepts("presentation_id", kind, id="urn:uuid:1")
    refuses("presentation_id", "not_a_url", "id", kind, id="one")
    for good in ("did:example:holder", {"id": "did:example:holder"}):
        accepts("holder", kind, holder=good)
    refuses("holder", "member_missing", "holder.id", kind, holder={"name": "One"})
    refuses("holder", "not_a_url", "holder", kind, holder=None)
    refuses("holder", "not_a_url", "holder.id", kind, holder={"id": "one"})
    signed = {**BASES["newer" if kind == "presentation" else "older"], "proof": PROOF}
    rule = "verifiable_credential" if kind == "presentation" else "older_verifiable_credential"
    accepts(rule, kind, verifiableCredential=signed)
    accepts(rule, kind, verifiableCredential=[signed, signed])
    refuses(
        rule,
        "not_an_object" if kind == "presentation" else "not_a_credential",
        "verifiableCredential[1]",
        kind,
        verifiableCredential=[signed, URL.replace(".", "")],
    )
    path = "verifiableCredential[0].issuer"
    refuses("issuer", "member_missing", path, kind, verifiableCredential=[without(signed, "issuer")])
accepts("older_verifiable_credential", "older presentation", verifiableCredential=["e30.e30.AA"])
path = "verifiableCredential[0].issuer"
signed = {**BASES["older"], "proof": PROOF, "type": ["VerifiableCredential", "EnvelopedVerifiableCredential"]}
refuses("issuer", "member_missing", path, "older presentation", verifiableCredential=[without(signed, "issuer")])
refuses("verifiable_credential", "not_an_object", "verifiableCredential", "presentation", verifiableCredential="e.e.A")
refuses("verifiable_credential", "not_an_object", "verifiableCredential[0]", "presentation", verifiableCredential=[5])

accepts("enveloped_verifiable_credential", "presentation", verifiableCredential=[ENVELOPE])
for name in ("@context", "id"):
    refuses(
        "enveloped_verifiable_credential",
        "member_missing",
        f"verifiableCredential[0].{name}",
        "presentation",
        verifiableCredential=[without(ENVELOPE, name)],
    )
for bad in ("data:,a.b.c", "e30.e30.AA", "https://issuer.example/1", "data:application/vc+jwt,", 5):
    refuses(
        "enveloped_verifiable_credential",
        "not_an_envelope",
        "verifiableCredential.id",
        "presentation",
        verifiableCredential={**ENVELOPE, "id": bad},
    )

OWN = {**BASE, "issuer": {"id": "did:example:holder"}}
accepts("holder_claims", "presentation", holder="did:example:holder", verifiableCredential=[OWN])
refuses("holder_claims", "member_missing", "holder", "presentation", verifiableCredential=[OWN])
refuses(
    "holder_claims",
    "not_the_holder",
    "verifiableCredential[0].issuer",
    "presentation",
    holder="did:example:acme",
    verifiableCredential=[OWN],
)

ENVELOPED_PRESENTATION = {"type": "EnvelopedVerifiablePresentation", "id": "data:application/vp+jwt,a.b.c"}
ENVELOPED_CREDENTIAL = {**dict.fromkeys(BASE, ...), **ENVELOPE}
for rule, kind, envelope in (
    ("enveloped_credential", "newer", ENVELOPED_CREDENTIAL),
    ("enveloped_presentation", "presentation", ENVELOPED_PRESENTATION),
):
    accepts(rule, kind, **envelope)
    accepts(rule, kind, **{**envelope, "type": [envelope["type"]], "@context": [URL, V2]})
    accepts(rule, kind, **{**envelope, "id": "data:application/vc+cose;base64,AAAA"})
    refuses(rule, "not_the_base_context", "@context", kind, **{**envelope, "@context": []})
    refuses(rule, "not_the_base_context", "@context", kind, **{**envelope, "@context": URL})
    refuses(rule, "type_unexpected", "type", kind, **{**envelope, "type": [envelope["type"], "VerifiableCredential"]})
    refuses(rule, "not_an_envelope", "id", kind, **{**envelope, "id": "a.b.c"})
    refuses(rule, "member_missing", "id", kind, **{**envelope, "id": ...})
