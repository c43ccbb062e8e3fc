"""Retention: how long everything is kept and why, what is erased when asked, and what a hold forbids to erase."""
