"""Programs of employers: accounts, access, whole batches of checks, and word when they are done.

What a batch leaves behind is fingerprints and verdicts: no file, no name, no number of anybody.
"""
