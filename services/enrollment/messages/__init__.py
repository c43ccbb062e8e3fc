"""Messages: what staff and instructors write to everybody in a cohort."""
