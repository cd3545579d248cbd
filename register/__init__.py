"""The diploma register: people, institutions, programmes, awards, and their whole history."""
