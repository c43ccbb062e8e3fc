"""The issuance rules: each with its fixtures, and no way round them."""
