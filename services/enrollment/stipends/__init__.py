"""Stipends: money for those who completed, out of budgets that are never exceeded."""
