"""Awards at the issuer: asked for, and compared with what was decided here."""
