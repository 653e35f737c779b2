"""QR codes, drawn here: what they say may be a secret, and goes to nobody else to be drawn."""

from __future__ import annotations

import segno

MARGIN = 4
"""Squares of quiet around a code: what the standard asks for."""


def squares(text: str) -> tuple[int, str]:
    """A QR code as its width in squares, the margin included, and the SVG path of the dark ones."""
    rows = segno.make(text, error="m").matrix
    dark = [(x + MARGIN, y + MARGIN) for y, row in enumerate(rows) for x, square in enumerate(row) if square]
    return len(rows) + 2 * MARGIN, "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)
