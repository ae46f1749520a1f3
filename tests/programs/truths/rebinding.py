"""What is true of `sources/rebinding.py`."""

from tests.programs.truth import Parameter, Truth

TRUTH = Truth(
    step="train",
    parameters=(
        Parameter("W1", "W1", "dW1", "dW1 = 1 / m * dZ1.dot(x.T)", other_terms=True),
        Parameter(
            "b1", "b1", "db1", "db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)", other_terms=True
        ),
        Parameter("W2", "W2", "dW2", "dW2 = 1 / m * dZ2.dot(A1.T)", other_terms=True),
        Parameter(
            "b2", "b2", "db2", "db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)", other_terms=True
        ),
    ),
    passes={
        "softmax": "FF",
        "train": "FFFFFFFFOBBBBBB?UUUUUUUUUU.",
    },
    loss="loss",
    loss_line="loss = -1 / m * np.sum(y * np.log(A2))",
    rate="lr",
    rate_value=0.2,
    predictions=("softmax(Z2)", "W2.dot(A1) + b2"),
    labels="Y[:, start : start + m]",
    samples="X[:, start : start + m]",
    decoys={
        "X": "the training set, samples in columns",
        "Y": "the labels, one-hot, in columns",
        "acc": "the accuracy of the batch",
        "loss": "a global that does not exist before the first batch",
        "vW1": "a velocity, made by the first batch",
        "vb1": "a velocity",
        "vW2": "a velocity",
        "vb2": "a velocity",
    },
    notes=(
        "The velocities are made of gradients without the learning rate.",
        "acc uses predictions and labels: another value, of which nothing is updated.",
        "There are no layers.",
    ),
)
