"""The credential service: issues badges, and verifies anybody's."""

from pathlib import Path

from shared.pages import catalogs

catalogs.add(Path(__file__).parent)
