"""The long runs: what goes wrong on real machines goes wrong here, and nothing acknowledged may be lost."""
