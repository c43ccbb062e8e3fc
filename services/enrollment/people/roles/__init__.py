"""Who works for the organization: roles given and taken back, by administrators alone."""
