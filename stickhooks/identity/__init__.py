"""Who is asking, and which processes live."""
