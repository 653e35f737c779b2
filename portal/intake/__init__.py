"""How answers come in and become one submission."""
