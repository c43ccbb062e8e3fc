"""Attendance: who was in a cohort's session, how, for how long, and the credit that makes."""
