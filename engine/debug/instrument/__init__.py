"""Source to code that reports: the rewriting of functions, their twins, the swap of code."""
