"""Paper out: any form in any offered language, printed from the same definition that the web asks from."""
