"""How fast and how light the portal is, as ratios measured in one run: `make bench`."""
