"""Notices: e-mail that joins the transaction it is about, sent by the worker or kept in the development mailbox."""
