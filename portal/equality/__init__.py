"""Where we ask about equality: collections, and the invitations that other systems hand out."""
