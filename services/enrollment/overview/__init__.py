"""The overview: how the organization's programs stand, what can be taken out as a table, and who did what."""
