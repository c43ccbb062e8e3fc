"""Merges: two records of one person become one."""
