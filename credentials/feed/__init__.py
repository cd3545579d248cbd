"""The index that verifiers elsewhere pull: hashes and statuses, no names and no numbers."""
