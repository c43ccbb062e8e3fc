"""Evaluations: what participants think of a session or a cohort, kept so that nobody can tell who said it."""
