"""The devices, each driver against its simulator, and what they share."""
