"""Signed receipts of a check: what was found, for a file of one's own, without who it is about."""
