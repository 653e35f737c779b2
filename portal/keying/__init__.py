"""Paper in: batches, keying, verification by a second person, resolution by a third, closing."""
