"""What is true of `sources/caches.py`."""

from tests.programs.truth import Layer, Parameter, Truth

LAST = 'dx, grads["W1"], grads["b1"] = affine_backward(da1, fc1_cache)'
TOP = 'dh1, grads["W2"], grads["b2"] = affine_backward(dscores, fc2_cache)'

TRUTH = Truth(
    step="train_step",
    parameters=(
        Parameter("W1", "params['W1']", 'grads["W1"]', 'grads["W1"] += reg * params["W1"]'),
        Parameter("b1", "params['b1']", 'grads["b1"]', LAST, made="np.sum(dout, axis=0)"),
        Parameter("W2", "params['W2']", 'grads["W2"]', 'grads["W2"] += reg * params["W2"]'),
        Parameter("b2", "params['b2']", 'grads["b2"]', TOP, made="np.sum(dout, axis=0)"),
    ),
    passes={
        "affine_forward": "F??",
        "affine_backward": ".bBB?",
        "relu_forward": "F.?",
        "relu_backward": ".B.",
        "softmax_loss": "FFFBFFBBB?",
        "loss_and_grads": "????FF?...BB?",
        "train_step": "FFF.O.U.",
    },
    loss="loss",
    loss_line="loss = data_loss + reg_loss",
    rate="learning_rate",
    rate_value=0.4,
    layers=(
        Layer("affine_forward", "affine_backward", ("affine1", "affine")),
        Layer("relu_forward", "relu_backward", ("relu1", "relu")),
        Layer("affine_forward", "affine_backward", ("affine2", "affine")),
    ),
    predictions=(
        'affine_forward(h1, params["W2"], params["b2"])',
        "shifted - np.log(Z)",
        "np.exp(log_probs)",
    ),
    labels="y_train[batch_mask]",
    samples="X_train[batch_mask]",
    decoys={
        "X_train": "the training set",
        "y_train": "its labels",
        "loss_history": "the losses so far, a list that grows",
    },
    notes=(
        "The gradient of W1 and W2 holds the term of L2, added in place before the update.",
        "dx of the first layer is used by nothing: by the letter it is other.",
        "A cache is a tuple that only the backward pass reads, made in the forward functions.",
        "softmax_loss makes the loss and its gradient: it has no pair, and is no layer.",
        "probs is computed before the loss, and only the gradient uses it: backward by the letter.",
    ),
)
