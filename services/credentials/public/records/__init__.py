"""Official records as their one recipient reads them: a cover that tells nothing, then the record and its files."""
