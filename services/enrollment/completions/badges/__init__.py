"""What staff do with a badge after it was issued, and what its holder is told of it."""
