"""Statements on paper: the PDF that a hospital prints, our codes at the sizes that cameras and hand-held scanners ask for."""
