"""Anybody may check a document: bytes in, one true verdict out, nothing kept."""
