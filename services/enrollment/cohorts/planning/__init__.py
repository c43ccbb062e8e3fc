"""Planning a cohort: the dates that are proposed, and what staff type as what it becomes."""
