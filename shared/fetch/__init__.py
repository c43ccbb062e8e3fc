"""The one guarded fetcher: what strangers name is called only at public https addresses, and never trusted."""

from shared.fetch.fetcher import Fetched, Fetcher, FetchError, Resolver
from shared.fetch.targets import TargetPolicy, parse_target

__all__ = ["FetchError", "Fetched", "Fetcher", "Resolver", "TargetPolicy", "parse_target"]
