"""The role with keys: it answers service tokens only, signs, revokes, and tells enrollment what became of an award."""
