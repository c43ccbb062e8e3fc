"""Issuers and their keys."""
