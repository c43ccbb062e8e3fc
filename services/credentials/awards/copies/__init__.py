"""Copies of a badge for wallets, whose holders prove that they hold the key of their DID."""
