"""Status lists: a bit for each credential, signed, published, never turned back (W3C Bitstring Status List 1.0)."""
