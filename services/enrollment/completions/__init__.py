"""Who completed: the policy's findings, the decision, the award it asks for, and what became of the award."""
