"""A server that answers the published W3C suites with our engine: tests only, ephemeral keys, never part of a role."""
