"""An index of issued documents in a process that has no database: pulled, proven, kept."""
