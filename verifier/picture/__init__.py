"""Pictures: no seal can be in one, but a code can, and what it claims is looked at."""
