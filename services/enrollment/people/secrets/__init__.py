"""What is kept private of a person: sealed at rest, opened for themselves and for whom an administrator lets read."""
