"""ID TECH NEO 2: a reader that hands over encrypted card data and asks no bank itself (NEO 2 Interface Developer's Guide)."""
