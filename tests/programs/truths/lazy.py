"""What is true of `sources/lazy.py`."""

from tests.programs.truth import Layer, Parameter, Truth

DW = "self.dW += self.layer_input.T.dot(accum_grad)"
DB = "self.db += np.sum(accum_grad, axis=0, keepdims=True)"
MADE = {DW: "self.layer_input.T.dot(accum_grad)", DB: "np.sum(accum_grad, axis=0, keepdims=True)"}


def parameter(layer: int, name: str, line: str) -> Parameter:
    return Parameter(
        f"layers[{layer}].{name}",
        f"self.layers[{layer}].{name}",
        f"self.d{name}",
        line,
        execution=-1 - layer,
        made=MADE[line],
        other_terms=True,
        updated_in=2,
    )


TRUTH = Truth(
    step="clf.train_on_batch",
    parameters=(
        parameter(0, "W", DW),
        parameter(0, "b", DB),
        parameter(1, "W", DW),
        parameter(1, "b", DB),
    ),
    passes={
        "Dense.build": "????.",
        "Dense.forward_pass": "...F?.",
        "Dense.backward_pass": ".BBBb",
        "Dense.slots": "?",
        "Adam.apply_gradients": "U.?.UUUUUUU",
        "NeuralNetwork.train_on_batch": "FF...FOB...?..?.??..",
    },
    loss="loss",
    loss_line="loss = 0.5 * np.mean(np.power(out - y, 2))",
    rate="self.optimizer.learning_rate",
    rate_value=0.02,
    layers=(
        Layer("Dense.forward_pass", "Dense.backward_pass", ("Dense1",)),
        Layer("Dense.forward_pass", "Dense.backward_pass", ("Dense2",)),
    ),
    predictions=("layer.forward_pass(out, self.rng)", "X.dot(self.W) + self.b"),
    labels="self.y[rows]",
    samples="self.X[rows]",
    decoys={
        "self.optimizer.m": "Adam's first moments, keyed by the id of the array",
        "self.optimizer.v": "Adam's second moments",
        "self.layers[0].dW": "a gradient, summed over three batches, a buffer filled with zeros",
        "self.layers[0].layer_input": "a cache",
        "self.layers[0].output": "a cache",
        "self.X": "the training set",
        "self.y": "the targets, floats",
        "self.errors": "the losses so far",
        "self.pending": "a counter",
    },
    every=3,
    falls=0.05,
    notes=(
        "The gradient is the sum over three batches (its check adds their losses); made in the "
        "batch of the update is only the last of the three terms.",
        "Batches 0 and 1 update nothing: by the rules there is no parameter before batch 2, and "
        "all of their backward pass is used by nothing but the buffers that live on.",
        "What a condition is made of (`self.activation == 'tanh'`) is in no value of the loss.",
        "Weights, buffers and the optimizer do not exist before the first batch: in it a weight is "
        "written before it is read.",
        "The learning rate is at no path before the first batch.",
        "An update that goes back has to restore the identity of the weights: `id` is the key.",
    ),
)
