"""Append-only logs as anybody can check them: the hash tree (RFC 6962, RFC 9162) and its signed heads (C2SP). Pure."""
