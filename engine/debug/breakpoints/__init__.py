"""Where a run stops: places, matching in a trace, watching at full speed."""
