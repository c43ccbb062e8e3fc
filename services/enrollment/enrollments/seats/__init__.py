"""How seats go to people: from the line, by an offer, or to many at once."""
