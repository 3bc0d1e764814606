"""The tests: mirror the tree; tests/journeys/ are whole visits."""
