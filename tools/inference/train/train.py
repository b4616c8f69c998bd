"""Trains the flow classifier and exports it to ONNX. Called by main.ts, which documents what it takes and gives.

Standard output: one JSON object, the model's metadata (docs/inference-model.md).
"""

import argparse
import gzip
import hashlib
import json
import platform
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import skl2onnx
import sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

SEED = 20261128
HELD_OUT = 0.3
# Opset of the exported graph; tree ensembles are in ai.onnx.ml.
OPSET = {"": 17, "ai.onnx.ml": 3}

PROTOCOLS = ["tcp", "udp", "icmp"]
# Zeek's connection states (SF, S0, ...), as NSL-KDD's column "flag" has them, in groups that any flow exporter can tell apart.
STATES = {
    "closed": {"SF"},
    "unanswered": {"S0"},
    "rejected": {"REJ"},
    "reset": {"RSTO", "RSTR", "RSTOS0"},
    "other": {"OTH", "S1", "S2", "S3", "SH"},
}
FAMILIES = {
    "dos": {"back", "land", "neptune", "pod", "smurf", "teardrop"},
    "probe": {"ipsweep", "nmap", "portsweep", "satan"},
    "access": {
        "buffer_overflow", "ftp_write", "guess_passwd", "imap", "loadmodule", "multihop", "perl", "phf", "rootkit",
        "spy", "warezclient", "warezmaster",
    },
}


def read_flows(file):
    """Features (FP32, rows x features), kinds of the flows (texts), names of the features. Each distinct flow once."""
    with gzip.open(file, "rt") as lines:
        columns = next(lines).strip().split(",")
        rows = list(dict.fromkeys(line.strip() for line in lines))
    table = [dict(zip(columns, row.split(","))) for row in rows]
    numeric = [name for name in columns if name not in ("protocol", "state", "kind")]
    names = numeric + [f"protocol_{name}" for name in PROTOCOLS] + [f"state_{name}" for name in STATES]
    unknown = {row["state"] for row in table} - set().union(*STATES.values())
    unknown |= {row["protocol"] for row in table} - set(PROTOCOLS)
    if unknown:
        raise SystemExit(f"{file} has protocols or states that no feature says: {sorted(unknown)}.")
    features = [
        [float(row[name]) for name in numeric]
        + [float(row["protocol"] == name) for name in PROTOCOLS]
        + [float(row["state"] in members) for members in STATES.values()]
        for row in table
    ]
    return np.array(features, dtype=np.float32), np.array([row["kind"] for row in table]), names


def family(kind):
    for name, members in FAMILIES.items():
        if kind in members:
            return name
    if kind == "normal":
        return "benign"
    raise SystemExit(f"No family is known for flows of kind '{kind}'.")


def fit(features, attack, trees):
    model = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=15, learning_rate=0.2, l2_regularization=1.0, early_stopping=False, random_state=SEED
    )
    return model.fit(features, attack)


def export(model, names, version, out):
    """The ONNX bytes. `flows` FP32 [batch, features] -> `label` INT64 [batch], `probabilities` FP32 [batch, 2]."""
    made = skl2onnx.to_onnx(
        model,
        initial_types=[("flows", FloatTensorType([None, len(names)]))],
        options={id(model): {"zipmap": False}},
        target_opset=OPSET,
        name="flow-classifier",
    )
    made.producer_name, made.producer_version, made.domain, made.doc_string = "neurodefender", "", "", ""
    made.model_version = version
    for value in [*made.graph.input, *made.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.checker.check_model(made)
    data = made.SerializeToString(deterministic=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data)
    return data


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--flows", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", type=int, required=True)
    parser.add_argument("--trees", type=int, required=True)
    given = parser.parse_args()

    features, kinds, names = read_flows(given.flows)
    families = np.array([family(kind) for kind in kinds])
    attack = (families != "benign").astype(np.int64)
    at = np.arange(len(features))
    train, held = train_test_split(at, test_size=HELD_OUT, random_state=SEED, stratify=families)

    model = fit(features[train], attack[train], given.trees)
    data = export(model, names, given.version, given.out)

    # All that is said of the model is said of the exported one, as ONNX Runtime runs it.
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(["label", "probabilities"], {"flows": features[held]})
    benign = attack[held] == 0
    moved = int(np.sum(label != model.predict(features[held])))
    unseen = {}
    for name in FAMILIES:
        without = train[families[train] != name]
        unseen[name] = float(np.mean(fit(features[without], attack[without], given.trees).predict(features[families == name])))
    examples = held[:16]
    print(
        json.dumps(
            {
                "name": "flow-classifier",
                "version": str(given.version),
                "sha256": hashlib.sha256(data).hexdigest(),
                "bytes": len(data),
                "inputs": [{"name": "flows", "datatype": "FP32", "shape": [-1, len(names)]}],
                "outputs": [
                    {"name": "label", "datatype": "INT64", "shape": [-1]},
                    {"name": "probabilities", "datatype": "FP32", "shape": [-1, 2]},
                ],
                "features": names,
                "labels": ["benign", "attack"],
                "training": {
                    "data": given.flows.name,
                    "dataSha256": hashlib.sha256(given.flows.read_bytes()).hexdigest(),
                    "flows": len(features),
                    "trained": len(train),
                    "heldOut": len(held),
                    "seed": SEED,
                    "trees": given.trees,
                },
                "versions": {
                    "python": platform.python_version(),
                    "numpy": np.__version__,
                    "onnx": onnx.__version__,
                    "onnxruntime": onnxruntime.__version__,
                    "scikit-learn": sklearn.__version__,
                    "skl2onnx": skl2onnx.__version__,
                },
                "metrics": {
                    "accuracy": round(float(np.mean(label == attack[held])), 5),
                    "auc": round(float(roc_auc_score(attack[held], probabilities[:, 1])), 6),
                    "falsePositiveRate": round(float(np.mean(label[benign])), 5),
                    "recall": {
                        name: round(float(np.mean(label[families[held] == name])), 4) for name in FAMILIES
                    },
                    "heldOutFlows": {name: int(np.sum(families[held] == name)) for name in ["benign", *FAMILIES]},
                    "recallOfFamilyLeftOut": {name: round(share, 4) for name, share in unseen.items()},
                    "labelsThatExportMoved": moved,
                },
                "examples": {
                    "flows": [[float(f"{value:.9g}") for value in row] for row in features[examples]],
                    "label": label[:16].tolist(),
                    "probabilities": [[float(f"{value:.9g}") for value in row] for row in probabilities[:16]],
                },
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
