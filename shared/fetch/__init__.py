"""The one guarded fetcher: what strangers name is called only at public https addresses, and never trusted."""

from shared.fetch.fetcher import Code, Fetched, Fetcher, FetchError, Resolver
from shared.fetch.targets import TargetPolicy, parse_target

__all__ = ["Code", "FetchError", "Fetched", "Fetcher", "Resolver", "TargetPolicy", "parse_target"]
