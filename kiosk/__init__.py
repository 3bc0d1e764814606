"""The engine: what a visit is and how it runs. No Qt anywhere in here."""
