"""Evidence: what participants hand in for a module, and what their instructors say of it."""
