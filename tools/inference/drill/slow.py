"""Makes a model that answers as another does but takes longer: a drill's bad candidate. Arguments: model, result, square matrices of 256 to
multiply (about a millisecond each on a core). What they give is multiplied by nought and added to the probabilities; it hangs on the input, so that no
runtime can work it out once."""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# A model of a quarter of a MiB: it fits into a ConfigMap.
SIZE = 256


def main():
    source, target, products = sys.argv[1], sys.argv[2], int(sys.argv[3])
    model = onnx.load(source)
    graph = model.graph
    # A rotation: however often it is applied, numbers stay as large as they were.
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(SIZE, SIZE)))[0].astype(np.float32)
    graph.initializer.append(numpy_helper.from_array(rotation, "slow_rotation"))
    graph.initializer.append(numpy_helper.from_array(np.zeros((), dtype=np.float32), "slow_nothing"))
    for node in graph.node:
        for at, name in enumerate(node.output):
            if name == "probabilities":
                node.output[at] = "slow_probabilities"
    one = graph.input[0].name
    nodes = [
        helper.make_node("ReduceMean", [one], ["slow_mean"], keepdims=0),
        helper.make_node("Sigmoid", ["slow_mean"], ["slow_share"]),
        helper.make_node("Mul", ["slow_rotation", "slow_share"], ["slow_0"]),
        *(helper.make_node("MatMul", [f"slow_{n}", "slow_rotation"], [f"slow_{n + 1}"]) for n in range(products)),
        helper.make_node("ReduceMean", [f"slow_{products}"], ["slow_end"], keepdims=0),
        helper.make_node("Mul", ["slow_end", "slow_nothing"], ["slow_added"]),
        helper.make_node("Add", ["slow_probabilities", "slow_added"], ["probabilities"]),
    ]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, target)


main()
