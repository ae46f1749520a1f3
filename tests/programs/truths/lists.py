"""What is true of `sources/lists.py`."""

from tests.programs.truth import Layer, Parameter, Truth

DW, DB = "dW = np.dot(self.x.T, dout)", "db = np.sum(dout, axis=0)"

TRUTH = Truth(
    step="trainer.batch",
    parameters=(
        Parameter(
            "params[0]",
            "self.model.params[0]",
            "dW",
            DW,
            also=("self.model.layers[0].params[0]",),
            other_terms=True,
        ),
        Parameter(
            "params[1]",
            "self.model.params[1]",
            "db",
            DB,
            also=("self.model.layers[0].params[1]",),
            other_terms=True,
        ),
        Parameter(
            "params[2]",
            "self.model.params[2]",
            "dW",
            DW,
            execution=-2,
            also=("self.model.layers[2].params[0]",),
            other_terms=True,
        ),
        Parameter(
            "params[3]",
            "self.model.params[3]",
            "db",
            DB,
            execution=-2,
            also=("self.model.layers[2].params[1]",),
            other_terms=True,
        ),
    ),
    passes={
        "Affine.forward": ".F..",
        "Affine.backward": ".bBB...",
        "Sigmoid.forward": "F..",
        "Sigmoid.backward": "B.",
        "SoftmaxWithLoss.forward": ".FFFFF",
        "SoftmaxWithLoss.backward": "BBBBB.",
        "TwoLayerNet.predict": "...",
        "TwoLayerNet.forward": "...",
        "TwoLayerNet.backward": "....",
        "Momentum.apply": "...U.UU",
        "Trainer.batch": "?...F..O.",
    },
    loss="loss",
    loss_line="return -np.sum(np.log(self.y[rows, t])) / len(t)",
    rate="self.optimizer.lr",
    rate_value=0.3,
    layers=(
        Layer("Affine.forward", "Affine.backward", ("Affine1",)),
        Layer("Sigmoid.forward", "Sigmoid.backward", ("Sigmoid1",)),
        Layer("Affine.forward", "Affine.backward", ("Affine2",)),
        Layer("SoftmaxWithLoss.forward", "SoftmaxWithLoss.backward", ("SoftmaxWithLoss",)),
    ),
    predictions=("self.predict(x)", "x / x.sum(axis=1, keepdims=True)"),
    labels="self.t[start:end]",
    samples="self.x[start:end]",
    decoys={
        "self.model.grads": "gradients, buffers that live from batch to batch",
        "self.optimizer.v": "velocities, made by the first batch",
        "self.model.layers[0].x": "a cache",
        "self.model.loss_layer.y": "a cache",
        "self.x": "the training set",
        "self.loss_list": "the losses so far",
    },
    notes=(
        "The buffers in `grads` are older than the batch: the array made in it is dW (db).",
        "The optimizer stores into the list of the model, which also the layers' lists hold.",
        "The velocity is made with the gradient and the learning rate before it is added.",
        "The loss layer has no parameters, and is a pair nevertheless.",
        "dx of the first layer is used by nothing.",
    ),
)
