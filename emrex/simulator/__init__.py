"""A client to try providers with, in development only: it keeps nothing and knows no shame."""
