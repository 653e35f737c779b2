"""What leaves the portal to be counted."""
