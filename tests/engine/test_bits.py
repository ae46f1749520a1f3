"""The first promise, as a person would check it: a script with nothing but the engine in it."""

from __future__ import annotations

import subprocess
import sys

LOOP = """
import numpy as np
from engine import SGD, Session, load_mnist, train_step, two_layer_net

dataset = load_mnist()
plain, optimizer = two_layer_net(seed=0), SGD(lr=0.5)
losses = []
order = Session(two_layer_net(seed=0), dataset, SGD(lr=0.5)).order
for batch in range(20):
    losses.append(float(train_step(plain, optimizer, *dataset.batch(order.indices(batch)))))
session = Session(two_layer_net(seed=0), dataset, SGD(lr=0.5))
session.run(batches=12)
while session.position < (20, 0):
    session.step_batch()
assert session.losses.tolist() == losses
for name, parameter in session.network.parameters().items():
    assert parameter.tobytes() == plain.parameters()[name].tobytes(), name
print("bit for bit")
"""


def test_a_plain_loop_and_a_session_agree_bit_for_bit():
    done = subprocess.run([sys.executable, "-c", LOOP], capture_output=True, text=True)
    assert done.stdout.strip() == "bit for bit", done.stderr


THREADS = """
import numpy as np
import engine
from threadpoolctl import threadpool_info

built_with = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
threads = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
assert threads or "openblas" not in built_with, "a BLAS that is not seen is not held to one thread"
print(*{*threads} - {1})
"""


def test_numpy_s_blas_is_seen_and_held_to_one_thread():
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("\n", "")
