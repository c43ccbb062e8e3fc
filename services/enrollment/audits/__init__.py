"""Audits: the file of a cohort that proves its hours to whoever oversees professional development."""
