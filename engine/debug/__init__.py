"""The debugger: recorder, trace, session, checkpoints."""
