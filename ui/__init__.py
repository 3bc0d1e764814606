"""The face: the Qt Quick app. Draws snapshots, sends intents. Knows no device and no database."""
