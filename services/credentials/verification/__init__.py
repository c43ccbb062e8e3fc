"""Verification: from a stranger's bytes to a verdict made of named checks.

`model` holds the verdict and how checks make it; `examination` opens a file, where `findings` holds it to the data
model's rules (in a limited child); `judgment` applies the proofs to what was fetched (in a limited child); `actions`
fetches in between; `command` is `./run verify`.
"""
