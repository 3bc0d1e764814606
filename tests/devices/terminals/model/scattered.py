"""Paths that hypothesis draws, for what a bound on faults and patients leaves out."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.devices.terminals.model.choices import Scattered

SCATTERED = st.builds(
    Scattered,
    st.dictionaries(st.integers(0, 300), st.integers(1, 7), max_size=12),
    st.lists(st.integers(0, 2), max_size=20).map(tuple),
)
PATIENTS = st.lists(st.sampled_from((100, 200)), min_size=1, max_size=6).map(tuple)
RESTARTS = st.booleans()
