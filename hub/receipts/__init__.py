"""Receipts that patients asked for by e-mail or as a text message: kept until they are sent, and no longer than a day."""
