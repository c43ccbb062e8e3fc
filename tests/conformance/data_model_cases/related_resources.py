"""Related resources and their digests, well and badly."""

from base64 import b64encode
from typing import Any

from services.credentials.proofs import contexts, multikey
from tests.conformance.data_model_cases.case import MULTIHASH, SRI, URL, V1, V2, Document, accepts, refuses

FILE: Document = {"id": URL, "digestSRI": SRI}
accepts("related_resource", "newer", relatedResource=FILE)
accepts("related_resource", "newer", relatedResource=[{**FILE, "mediaType": "application/json"}])
refuses("related_resource", "empty", "relatedResource", "newer", relatedResource=[])
refuses("related_resource", "not_an_object", "relatedResource[0]", "newer", relatedResource=[URL])
refuses("related_resource", "member_missing", "relatedResource[0].id", "newer", relatedResource=[{"digestSRI": SRI}])
refuses("related_resource", "not_a_url", "relatedResource.id", "newer", relatedResource={**FILE, "id": "one"})
accepts("related_resource_unique", "newer", relatedResource=[FILE, {**FILE, "id": f"{URL}?q=1"}])
refuses("related_resource_unique", "id_repeated", "relatedResource[1].id", "newer", relatedResource=[FILE, FILE])
for good in (SRI, f"{SRI} sha512-AAAA", [SRI], SRI.replace("=", "")):
    accepts("related_resource_digest", "newer", relatedResource=[{"id": URL, "digestSRI": good}])
accepts("related_resource_digest", "newer", relatedResource=[{"id": URL, "digestMultibase": MULTIHASH}])
accepts("related_resource_digest", "newer", relatedResource=[{**FILE, "digestMultibase": MULTIHASH}])
refuses("related_resource_digest", "digest_missing", "relatedResource[0]", "newer", relatedResource=[{"id": URL}])
WRONG: tuple[Any, ...] = ("", "md5-AAAA", "sha256", "sha256-", "sha256-A A", f"{SRI} sha1-AA", None, [], 5, "sha256-é")
for bad in WRONG:
    wrong = {"id": URL, "digestSRI": bad}
    refuses("related_resource_digest", "digest_malformed", "relatedResource.digestSRI", "newer", relatedResource=wrong)
for bad in (SRI, "z", "uAAAA", MULTIHASH[:-1], f"m{MULTIHASH}", None, f"{MULTIHASH} {MULTIHASH}", "z0", "uÄ", "uA"):
    wrong = {"id": URL, "digestMultibase": bad}
    path = "relatedResource.digestMultibase"
    refuses("related_resource_digest", "digest_malformed", path, "newer", relatedResource=wrong)
PINNED = bytes.fromhex(contexts.PINNED[V2][1])
accepts(
    "related_resource_pinned",
    "newer",
    relatedResource={
        "id": V2,
        "digestSRI": f"sha256-{b64encode(PINNED).decode()}",
        "digestMultibase": multikey.base58_encode(b"\x12\x20" + PINNED),
    },
)
# Our copy of it has other bytes than the published one.
accepts("related_resource_pinned", "newer", relatedResource={"id": V1, "digestSRI": SRI})
for name, digest in (("digestSRI", SRI), ("digestMultibase", MULTIHASH)):
    wrong = {"id": V2, name: digest}
    path = f"relatedResource.{name}"
    refuses("related_resource_pinned", "not_the_pinned_context", path, "newer", relatedResource=wrong)
wrong = {"id": V2, "digestSRI": f"sha256-{b64encode(PINNED).decode()} sha384-AAAA"}
refuses(
    "related_resource_pinned", "not_the_pinned_context", "relatedResource.digestSRI", "newer", relatedResource=wrong
)
