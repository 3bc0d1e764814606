"""Smart cards over PC/SC: who somebody is. Never how somebody pays."""
