"""The reader of PDF files that claim to be ours. Runs in the closed room only."""
