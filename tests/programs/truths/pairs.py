"""What is true of `sources/pairs.py`."""

from tests.programs.truth import Parameter, Truth

TRUTH = Truth(
    step="step",
    parameters=(
        Parameter("w", "w", "grad_w", "grad_w = x.T @ err / len(x)", other_terms=True),
        Parameter("b", "b", "grad_b", "grad_b = err.sum(0) / len(x)", other_terms=True),
    ),
    passes={
        "fit.<locals>.one_batch": ".F?.FFFFBBUUUU.",
    },
    loss="cost",
    loss_line="cost = (err**2).sum() / len(x) / 2",
    rate="alpha",
    rate_value=0.1,
    predictions=("x @ w + b",),
    labels="x, t = next(loader)",
    samples="x, t = next(loader)",
    decoys={
        "w_mom": "a momentum: a number before the first batch, an array after it",
        "b_mom": "a momentum",
        "loader": "an iterator over two lists, made anew at their end",
        "epochs": "a counter",
        "xs": "the samples, a list of arrays",
        "ts": "the targets, a list of arrays",
    },
    falls=5.0,
    notes=(
        "The momentum is made of the gradient without the learning rate: it depends on its own "
        "old value, and is no gradient.",
        "There are no layers.",
    ),
)
