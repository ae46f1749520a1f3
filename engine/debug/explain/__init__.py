"""Explanations: the operation of an expression, and the operand cells behind a result cell."""
