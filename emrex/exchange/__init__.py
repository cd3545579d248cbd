"""One transfer, from the client's request to the client's answer (emrex.md 2.2, 3.1 and 3.2)."""
