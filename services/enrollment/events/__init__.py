"""What happened, for other systems to read: recorded with the fact, given a position after commit, fed and pushed."""
