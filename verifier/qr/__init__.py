"""The text of a QR code: our address, our signed facts, or somebody else's."""
