"""What a holder ever shared, for the holder alone (emrex.md 6.2)."""
