"""Enrollments: who holds which place in a cohort, and the line for its seats."""
