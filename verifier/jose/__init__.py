"""JSON that came alone: the data of an extract without its seal, or signed JSON (JWS)."""
