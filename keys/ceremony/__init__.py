"""Key ceremonies: one approved plan in, keys and certificates and a signed account out."""
