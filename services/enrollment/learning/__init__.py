"""Learning: a person's own cohorts, hours and badges in one place, and their choices about these."""
