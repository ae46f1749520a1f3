"""What is true of `sources/norm.py`."""

from tests.programs.truth import Parameter, Truth

LINES = {
    "W1": "dW1 = xb.T @ da",
    "gamma": "dgamma = (ds * norm).sum(axis=0)",
    "beta": "dbeta = ds.sum(axis=0)",
    "W2": "dW2 = d.T @ dout",
    "b2": "db2 = dout.sum(axis=0)",
}

TRUTH = Truth(
    step="loop.__call__",
    parameters=tuple(
        Parameter(name, f"self.model.{name}", f"d{name}", line) for name, line in LINES.items()
    ),
    passes={
        "train_batch": "FFFFFFFOOFFFFFFFFOBBBBBBBBBBBBBUUUUU",
        "Loop.__call__": "...???.",
    },
    loss="self.model.history[-1]",
    loss_line="loss = -np.log(p[np.arange(n), yb]).mean()",
    rate="self.cfg.lr",
    rate_value=0.3,
    predictions=("p /= p.sum(axis=1, keepdims=True)", "d @ model.W2 + model.b2"),
    labels="y[i : i + cfg.batch]",
    samples="X[i : i + cfg.batch]",
    decoys={
        "Config.lr": "the default of a field, an attribute of the class: nothing reads it",
        "self.model.running_mean": "a running mean: nothing of the training reads it but itself",
        "self.model.running_var": "a running variance",
        "self.X": "the training set, written in place at the end of an epoch (batch 6, 13, ...)",
        "self.y": "its labels, written in place likewise",
        "self.dropout_rng": "a Generator of its own",
        "self.model.history": "the losses so far",
        "self.i": "a counter",
    },
    returned=False,
    notes=(
        "In batch 6 the training set is read before it is written, the loss depends on it, its "
        "write comes after the loss and is computed from its own old value: by the letter it is a "
        "parameter there. It has no gradient: nothing after the loss is in its new value.",
        "The step may be handed in as the object `loop`, too; the loss is made in what it calls.",
        "The mask of the dropout and the statistics of the batch are forward.",
        "There are no layers.",
    ),
)
