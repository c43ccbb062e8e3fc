"""Badges as Open Badges 2.0 has them, hosted, for readers that know no newer form: under ids of their own."""
