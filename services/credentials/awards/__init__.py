"""Awards: the decision that a person earned an achievement, and the credentials that say so."""
