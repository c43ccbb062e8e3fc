"""The role without keys: badge pages, downloads, and verification of anybody's badge."""
