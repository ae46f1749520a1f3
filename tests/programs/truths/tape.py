"""What is true of `sources/tape.py`."""

from tests.programs.truth import Layer, Parameter, Truth

LINE = "p.data -= learning_rate * p.grad"

TRUTH = Truth(
    step="train",
    parameters=tuple(
        Parameter(
            f"layers[{n}].{which}.data",
            f"model.layers[{n}].{which}.data",
            "p.grad",
            LINE,
            execution=-6 + 2 * n + (which == "b"),
            made="other.grad += self.data.T @ out.grad"
            if which == "w"
            else "other.grad += unbroadcast(out.grad, other.data.shape)",
        )
        for n in range(3)
        for which in ("w", "b")
    ),
    passes={
        "unbroadcast": ".B.",
        "Tensor.__init__": "....",
        "Tensor.__add__": "F..",
        "Tensor.__add__.<locals>._backward": "BB",
        "Tensor.__matmul__": "F..",
        "Tensor.__matmul__.<locals>._backward": "bB",
        "Tensor.tanh": "F...",
        "Tensor.tanh.<locals>._backward": "B",
        "Tensor.mse": "FF..",
        "Tensor.mse.<locals>._backward": "B",
        "Tensor.backward": "??.B..",
        "Tensor.backward.<locals>.build_topo": ".....",
        "Linear.__call__": "F.",
        "Linear.parameters": "?",
        "MLP.__call__": "...",
        "MLP.parameters": "?",
        "MLP.zero_grad": ".B",
        "train": "FFF...U?",
    },
    loss="loss.data.item()",
    loss_line="out = Tensor(np.array((diff**2).mean()), (self,))",
    rate="learning_rate",
    rate_value=0.3,
    layers=tuple(
        Layer(f"Tensor.{name}", f"Tensor.{name}.<locals>._backward")
        for name in ("__matmul__", "__add__", "tanh") * 2 + ("__matmul__", "__add__", "mse")
    ),
    predictions=("model(x)", "Tensor(self.data + other.data, (self, other))"),
    labels="ys[start : start + batch_size]",
    samples="xs[start : start + batch_size]",
    decoys={
        "xs": "the training set",
        "ys": "the targets, floats",
        "model.layers[0].w.grad": "a gradient, which the object of its parameter holds",
        "rng": "a generator that was used for the initial weights only",
    },
    falls=0.05,
    notes=(
        "The step returns `loss.data.item()`, asked for after the update: the number was made "
        "before it, as an array.",
        "Each operation is a pair of a function and a closure in it, a new one each batch. Whether "
        "Linear, whose object lives on, is named in their place is open.",
        "A gradient is added in place to zeros that zero_grad makes after the loss.",
        "The gradient of the samples (of the first matmul's self) is computed and used by nothing.",
        "With `_prev = set(...)`, as some engines have it, the order in which nodes are visited "
        "depends on their addresses: the same numbers, another order of events.",
    ),
)
