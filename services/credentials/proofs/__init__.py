"""The proof engine: pure functions over documents, bytes, keys and times that are passed in.

To sign, `data_integrity.create` has `jsonld.canonicalize` turn the document into canonical N-Quads (terms from
`contexts`, order from `rdfc`), hashes and signs them; `vc_jwt.create` then wraps the signed document. To verify,
`strict_json.parse` reads a stranger's bytes, `data_integrity.verify` and `vc_jwt.read` judge the proofs, and `did` and
`multikey` say which key a verification method names. Nothing here fetches: documents of others are passed in.
"""
