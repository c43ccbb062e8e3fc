"""Admission: whom a cohort takes, in which order and until when; it decides from values alone, for enrollments."""
