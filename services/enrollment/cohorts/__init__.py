"""Cohorts: a group that goes through a curriculum, with its sessions, instructors, seats and registration."""
