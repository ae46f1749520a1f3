"""The run in time: batches, branches, stored states, the cursor that moves and trains."""
