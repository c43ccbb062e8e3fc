"""The demonstration: Leaders for Just Schools, Level One, school year 2021-22, with a synthetic roster."""
