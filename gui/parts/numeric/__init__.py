"""The parts of the numeric panel."""
