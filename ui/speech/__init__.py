"""The kiosk speaks: what is said (script), when (reader), with what voice, and whether headphones are there (jack)."""
