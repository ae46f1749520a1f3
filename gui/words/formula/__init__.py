"""The formula of a stop, as MathML."""
