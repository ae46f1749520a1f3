"""What is true of `sources/rnn.py`."""

from tests.programs.truth import Parameter, Truth

LINE = "loss, dWxh, dWhh, dWhy, dbh, dby, hprev = lossFun(inputs, targets, hprev)"
CLIP = "np.clip(dparam, -5, 5, out=dparam)"

TRUTH = Truth(
    step="iterate",
    parameters=tuple(
        Parameter(name, name, f"d{name}", LINE, made=CLIP)
        for name in ("Wxh", "Whh", "bh", "Why", "by")
    ),
    passes={
        "lossFun": "?F..FFFFFFBBB.BBBBBBBBBb.B?",
        "iterate": "?F.FF.O.UU..",
    },
    loss="loss",
    loss_line="loss += -np.log(ps[t][targets[t], 0])  # softmax (cross-entropy loss)",
    rate="learning_rate",
    rate_value=0.1,
    predictions=("np.exp(ys[t]) / np.sum(np.exp(ys[t]))", "np.dot(Why, hs[t]) + by"),
    labels="[char_to_ix[ch] for ch in data[p + 1 : p + seq_length + 1]]",
    samples="[char_to_ix[ch] for ch in data[p : p + seq_length]]",
    decoys={
        "hprev": "the hidden state, carried from batch to batch, reset at the end of the data",
        "mWxh": "Adagrad's memory, written in place before the update",
        "mWhh": "Adagrad's memory",
        "mWhy": "Adagrad's memory",
        "mbh": "Adagrad's memory",
        "mby": "Adagrad's memory",
        "smooth_loss": "a running mean of the losses",
        "n": "a counter",
        "p": "a counter",
    },
    returned=False,
    falls=1.0,
    notes=(
        "hprev is bound after the loss was complete, from a value that was computed before and "
        "from its own old value: only that its value was *made* before the last loss (or that no "
        "gradient is in it) tells it from a parameter.",
        "The step returns nothing: the loss is a local variable.",
        "The loss is a sum over the time steps: one round by the order of the passes (all forward, "
        "then all backward), eight values.",
        "A gradient is summed in place over the time steps, then clipped in place: the array is "
        "made by zeros_like, its last value by np.clip.",
        "There are no layers: forward and backward are one function.",
    ),
)
