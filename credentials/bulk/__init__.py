"""Whole cohorts: planned once, issued in chunks by many processes, accounted for to the last."""
