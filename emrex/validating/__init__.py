"""The public validator: any ELMO document in, what it is worth out; nothing is kept."""
