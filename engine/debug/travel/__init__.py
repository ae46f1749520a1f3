"""The run in time: batches, branches, stored states, and the cursor that moves and trains."""
