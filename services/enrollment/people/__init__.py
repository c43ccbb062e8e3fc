"""People of an organization: who they are, what they may do, and how they sign in."""
