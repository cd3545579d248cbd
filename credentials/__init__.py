"""What we issue: extract, rendering, sealing, the issuing cycle, ledger and status."""
