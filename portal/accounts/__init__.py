"""People who work here: their accounts, signing in, and the one guard of what they may see."""
