"""Whole visits through real processes."""

import pytest

pytest.register_assert_rewrite("tests.journeys.hall")  # its checks tell what they compared, as a test's do
