"""Rosters: lists of people that staff bring as a file, looked through before anybody is enrolled."""
