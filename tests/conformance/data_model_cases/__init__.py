"""For each shape rule of the data model, documents that it accepts and documents that it refuses."""

from tests.conformance.data_model_cases import credential, entries, presentation, related_resources
from tests.conformance.data_model_cases.case import BASE, BASES, CASES, Case

__all__ = ["BASE", "BASES", "CASES", "Case", "credential", "entries", "presentation", "related_resources"]
