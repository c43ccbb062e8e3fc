"""Signing in and out: by an e-mailed link, with a session cookie, and the pages that ask for both."""
