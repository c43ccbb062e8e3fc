"""`./run backup` and `./run restore`: everything that an installation cannot make again, in one file."""
