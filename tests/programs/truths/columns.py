"""What is true of `sources/columns.py`."""

from tests.programs.truth import Parameter, Truth

NW = "nabla_w = [nw + dnw for nw, dnw in zip(nabla_w, delta_nabla_w)]"
NB = "nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]"

TRUTH = Truth(
    step="step",
    parameters=(
        *(
            Parameter(
                f"biases[{n}]", f"net.biases[{n}]", f"nabla_b[{n}]", NB, made="nb + dnb", scale=5
            )
            for n in range(3)
        ),
        *(
            Parameter(
                f"weights[{n}]", f"net.weights[{n}]", f"nabla_w[{n}]", NW, made="nw + dnw", scale=5
            )
            for n in range(3)
        ),
    ),
    passes={
        "Network.update_mini_batch": "BB..BBUU",
        "Network.backprop": "??.??.F.....B.BBB.B?",
        "Network.cost_derivative": "F",
        "Network.feedforward": ".O.",
        "Network.total_cost": "...O.",
        "sigmoid": ".",
        "sigmoid_prime": "B",
        "step": "?????..O.",
    },
    loss="cost",
    loss_line="cost += 0.5 * np.linalg.norm(a - y) ** 2 / len(data)",
    rate="eta",
    rate_value=1.5,
    stand_in="output_activations - y",
    predictions=("sigmoid(z)", "activations[-1]"),
    labels="for x, y in mini_batch:",
    samples="for x, y in mini_batch:",
    decoys={
        "training_data": "a list of pairs, shuffled in place at the end of an epoch",
        "mini_batches": "a list that gets shorter with each batch",
        "training_cost": "the costs so far",
        "shuffler": "a random.Random of its own",
    },
    rounds=5,
    falls=0.1,
    notes=(
        "The cost comes after the update, on other data: it is another pass, and the loss's place "
        "is taken by `output_activations - y`, once for each sample.",
        "The first read of a bias or weight is that of its shape, in update_mini_batch; in the "
        "arithmetic a weight is read before its bias.",
        "There are no layers: forward and backward are one function.",
        "A weight is an item of a list that the update rebinds: path and name stay, list and array "
        "are new.",
        "The zeros of backprop are replaced, never added to: used by nothing.",
        "The gradient is the sum over the samples; the update divides by their number.",
    ),
)
