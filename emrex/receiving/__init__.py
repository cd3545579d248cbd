"""Results from abroad: asked for, received, judged, shown to one person, and forgotten."""
