"""An embedded PostgreSQL: the programs of a wheel, a folder, two databases and their five users."""

from deploy.local.postgres.cluster import Cluster

__all__ = ["Cluster"]
