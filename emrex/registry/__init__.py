"""Who provides results, and with which certificates: our own entry, and everybody else's."""
