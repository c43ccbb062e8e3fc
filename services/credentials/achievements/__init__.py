"""Achievements and their versions: what is awarded. A version never changes."""
