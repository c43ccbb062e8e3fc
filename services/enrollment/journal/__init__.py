"""Who did and saw what: entries that are added and never changed, for those who answer for the organization."""
