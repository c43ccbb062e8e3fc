"""The enrollment service: programs, cohorts, people, and what they complete."""

from pathlib import Path

from shared.pages import catalogs

catalogs.add(Path(__file__).parent)
