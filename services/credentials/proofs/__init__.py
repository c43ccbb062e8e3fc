"""The signing engine: from JSON to bytes to sign, and back to a result. Pure and synchronous.

`strict_json` reads, `contexts` pins and `vocabulary` compiles the contexts, `jsonld` walks a document once and emits
statements (`literals` writes their texts), `rdfc` puts these into one order, `template` does both at once for badges of
one shape. `cryptosuites` say how a suite signs, `data_integrity` creates and verifies proofs, `vc_jwt` tokens;
`multikey` and `did` read keys and whose they are; `data_model` names what is off in a credential's form.
"""
