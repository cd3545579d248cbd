"""What one browser holds of a transfer, and how it answers the client when our store is away."""
