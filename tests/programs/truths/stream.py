"""What is true of `sources/stream.py`."""

from tests.programs.truth import Parameter, Truth

LINE = "grads = gradient(X, H, y_hat, y, params)"
MADE = ("np.dot(X.T, dH)", "dH.sum(axis=0)", "np.dot(H.T, delta)", "delta.sum(axis=0)")

TRUTH = Truth(
    step="step",
    parameters=tuple(
        Parameter(f"params[{n}]", f"params[{n}]", f"grads[{n}]", LINE, made=made, scale=16)
        for n, made in enumerate(MADE)
    ),
    passes={
        "data_iter": "..????F",
        "net": ".F?",
        "loss_fn": "F",
        "gradient": ".BBBB",
        "sgd": ".U",
        "make_step.<locals>.train_batch": ".....?",
    },
    loss="loss.mean()",
    loss_line="return -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))",
    rate="lr",
    rate_value=0.5,
    predictions=("1 / (1 + np.exp(-(np.dot(H, W2) + b2)))",),
    labels="labels[batch_indices]",
    samples="features[batch_indices]",
    decoys={
        "batches": "a generator: made before, begun by the first batch",
    },
    notes=(
        "The training set, features and labels, is held by the frame of the generator alone.",
        "The mean of the losses is computed after the update, from an array made before it.",
        "The gradient is a sum over the samples (16, or 10 in the last batch of an epoch); the "
        "update divides by their number, after it multiplied by the learning rate.",
        "net and gradient are one pair for the whole network: one layer, or none.",
        "A generator's frame is entered in each batch; the order of the samples is drawn from a "
        "Generator that it holds, in the first batch of an epoch.",
        "Names of the parameters are items of a list: `params[0]`; W1 is a local of `net`.",
    ),
)
