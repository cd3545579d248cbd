"""What keeps the service open for everybody when one client asks too much (verifier.md 3.8)."""
