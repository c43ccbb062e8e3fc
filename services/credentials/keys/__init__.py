"""Issuers and their signing keys: who signs, with what, and who keeps the private half."""
