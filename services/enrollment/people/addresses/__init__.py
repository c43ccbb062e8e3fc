"""The addresses of one person: more than one, each confirmed by a link that was mailed there."""
