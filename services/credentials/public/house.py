"""What every handler of the public role is given. It holds no key: its database user can see none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from services.credentials.settings import PublicSettings
from services.credentials.verification.model import TrustList
from shared.clock import Clock, system_clock
from shared.documents import DocumentPool
from shared.fetch import Fetcher, TargetPolicy
from shared.limited import LimitedPool
from shared.postgres import Pool, create_pool


class House(msgspec.Struct, frozen=True, kw_only=True):
    """The role's means: settings, database (reading), clock, the guarded fetcher, and the two pools of children."""

    settings: PublicSettings
    pool: Pool
    clock: Clock
    fetcher: Fetcher
    children: LimitedPool
    documents: DocumentPool
    trusted: TrustList
