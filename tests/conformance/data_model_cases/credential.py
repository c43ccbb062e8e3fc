"""What every credential says of itself, well and badly."""

from typing import Any

from tests.conformance.data_model_cases.case import URL, V1, V2, accepts, context, refuses

accepts("context", "newer", **context(V2, "https://other.example/v1", {"term": "https://other.example/#term"}))
accepts("context", "older", **context(V1, {"@vocab": URL}))
refuses("context", "member_missing", "@context", "newer", **{"@context": ...})
refuses("context", "not_an_ordered_set", "@context", "newer", **{"@context": V2})
refuses("context", "not_an_ordered_set", "@context", "newer", **context())
refuses("context", "not_the_base_context", "@context[0]", "newer", **context("https://other.example/v1", V2))
refuses("context", "not_the_base_context", "@context[0]", "newer", **context({"@vocab": URL}))
refuses("context", "not_a_context", "@context[1]", "newer", **context(V2, "https ://not-a-url.example"))
refuses("context", "not_a_context", "@context[1]", "newer", **context(V2, 123192875))
refuses("context", "not_a_context", "@context[1]", "older", **context(V1, None))

accepts("credential_type", "newer", type="VerifiableCredential")
accepts("credential_type", "newer", type=["https://other.example/#Type", "VerifiableCredential", "Mapped"])
accepts("credential_type", "older", type=["VerifiableCredential", "Mapped"])
refuses("credential_type", "member_missing", "type", "newer", type=...)
refuses("credential_type", "type_missing", "type", "newer", type=["Mapped"])
refuses("credential_type", "not_a_type", "type", "newer", type=[])
refuses("credential_type", "not_a_type", "type", "newer", type=["VerifiableCredential", 4])
refuses("credential_type", "not_a_type", "type", "newer", type=["VerifiableCredential", "two words"])
refuses("credential_type", "type_missing", "type", "older", type="Mapped")

for good in ("urn:uuid:f1a5", "did:example:1", URL, "https://[2001:db8::1]/a", "tag:example,2026:a"):
    accepts("credential_id", "newer", id=good)
for bad in ("f1a5", "https:// a.example", [URL], [URL, URL], None, 7, "", "https://", {"id": URL}):
    refuses("credential_id", "not_a_url", "id", "newer", id=bad)
accepts("credential_id", "older", id="did:example:1")
refuses("credential_id", "not_a_url", "id", "older", id="one")

ENGLISH, ARABIC = {"@value": "Badge", "@language": "en"}, {"@value": "شارة", "@language": "ar", "@direction": "rtl"}
TEXTS: tuple[Any, ...] = ("Badge", ENGLISH, ARABIC, [ENGLISH, ARABIC], {"@value": "Badge"})
for text in ("name", "description"):
    for said in TEXTS:
        accepts(text, "newer", **{text: said, "issuer": {"id": URL, text: said}})
    refuses(text, "not_a_text", text, "newer", **{text: 5})
    refuses(text, "not_a_text", text, "newer", **{text: []})
    refuses(text, "not_a_text", f"{text}[1]", "newer", **{text: [ENGLISH, "Badge"]})
    refuses(text, "not_a_text", f"{text}.@value", "newer", **{text: {"@value": 5, "@language": "en"}})
    refuses(text, "not_a_language", f"{text}.@language", "newer", **{text: {**ENGLISH, "@language": "en_US"}})
    refuses(text, "not_a_language", f"{text}.@language", "newer", **{text: {**ENGLISH, "@language": ["en"]}})
    refuses(text, "not_a_direction", f"{text}.@direction", "newer", **{text: {**ENGLISH, "@direction": "up"}})
    refuses(text, "member_unexpected", text, "newer", **{text: {**ENGLISH, "url": "did:example:1"}})
    refuses(text, "member_unexpected", f"issuer.{text}", "newer", issuer={"id": URL, text: {**ENGLISH, "url": URL}})
    # Version 1.1 knows neither.
    accepts(text, "older", **{text: 5})

for kind in ("newer", "older"):
    accepts("issuer", kind, issuer={"id": "did:example:issuer", "type": ["Profile"]})
    refuses("issuer", "member_missing", "issuer", kind, issuer=...)
    for bad in (None, "one", 5, ["did:example:issuer"]):
        refuses("issuer", "not_a_url", "issuer", kind, issuer=bad)
    refuses("issuer", "not_a_url", "issuer.id", kind, issuer={"id": None})
    refuses("issuer", "not_a_url", "issuer.id", kind, issuer={"id": "one"})
    refuses("issuer", "member_missing", "issuer.id", kind, issuer={"name": "One"})
    accepts("credential_subject", kind, credentialSubject=[{"id": URL}, {"grade": "A"}])
    refuses("credential_subject", "member_missing", "credentialSubject", kind, credentialSubject=...)
    refuses("credential_subject", "empty", "credentialSubject", kind, credentialSubject={})
    refuses("credential_subject", "empty", "credentialSubject", kind, credentialSubject=[])
    refuses("credential_subject", "empty", "credentialSubject[1]", kind, credentialSubject=[{"id": URL}, {}])
    refuses("credential_subject", "not_an_object", "credentialSubject", kind, credentialSubject="did:example:1")
    refuses("credential_subject", "not_a_url", "credentialSubject.id", kind, credentialSubject={"id": "one"})

MOMENTS = (
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123Z",
    "2026-01-01T00:00:00.1234567890Z",
    "9999-12-31T23:59:59-12:00",
    "2026-01-01T24:00:00+14:00",
    "2024-02-29T00:00:00-05:30",
)
NO_MOMENTS = (
    "2026-01-01",
    "2026-01-01 00:00:00Z",
    "2026-01-01t00:00:00z",
    "2026-02-29T00:00:00Z",
    "2026-01-01T25:00:00Z",
    "2026-01-01T24:00:01Z",
    "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00+15:00",
    "20260101T000000Z",
    "2026-01-01T00:00Z",
    "next year",
    None,
    1767225600,
    ["2026-01-01T00:00:00Z"],
)
for rule, name in (("valid_from", "validFrom"), ("valid_until", "validUntil")):
    for good in MOMENTS:
        accepts(rule, "newer", **{name: good})
    for bad in NO_MOMENTS:
        refuses(rule, "not_a_date", name, "newer", **{name: bad})
    refuses(rule, "zone_missing", name, "newer", **{name: "2026-01-01T00:00:00"})
accepts("validity_period", "newer", validFrom="2026-01-01T00:00:00Z", validUntil="2026-01-01T00:00:00.5Z")
accepts("validity_period", "newer", validFrom="2026-01-01T01:00:00+01:00", validUntil="2026-01-01T00:00:00Z")
for earlier in ("2025-12-31T23:59:59Z", "2026-01-01T00:59:59+01:00"):
    refuses(
        "validity_period",
        "ends_before_it_starts",
        "validUntil",
        "newer",
        validFrom="2026-01-01T00:00:00Z",
        validUntil=earlier,
    )

refuses("issuance_date", "member_missing", "issuanceDate", "older", issuanceDate=...)
for rule, name in (("issuance_date", "issuanceDate"), ("expiration_date", "expirationDate")):
    # A dateTime of 1.1 need not have a zone.
    for good in (*MOMENTS, "2026-01-01T00:00:00"):
        accepts(rule, "older", **{name: good})
    for bad in NO_MOMENTS:
        refuses(rule, "not_a_date", name, "older", **{name: bad})
