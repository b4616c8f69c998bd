"""Talks to a server with NVIDIA's tritonclient, unchanged, over HTTP or gRPC. Standard input: {"url", "protocol", "model", "version", "flows"},
"ca" (a file) where the server speaks TLS, "echoes" where it has models that answer what they are asked; standard output: what the client gave
back, as JSON."""

import json
import sys

import numpy as np


def ready(client, triton, model):
    try:
        return client.is_model_ready(model)
    except triton.InferenceServerException:
        # A server may answer an unknown model with an error instead of with ready: false.
        return False


def main():
    given = json.load(sys.stdin)
    http = given["protocol"] == "http"
    if http:
        import tritonclient.http as triton
    else:
        import tritonclient.grpc as triton
    ca = given.get("ca")
    secure = {} if ca is None else {"ssl": True, **({"ssl_options": {"ca_certs": ca}} if http else {"root_certificates": ca})}
    client = triton.InferenceServerClient(url=given["url"], **secure)
    model, version = given["model"], given["version"]
    flows = np.array(given["flows"], dtype=np.float32)

    def asked(tensor, values, datatype, **more):
        one = triton.InferInput(tensor, list(values.shape), datatype)
        one.set_data_from_numpy(values, **more)
        return one

    def answer(result):
        return {
            "label": result.as_numpy("label").tolist(),
            "probabilities": result.as_numpy("probabilities").tolist(),
            "probabilitiesType": str(result.as_numpy("probabilities").dtype),
        }

    metadata = client.get_model_metadata(model, **({} if http else {"as_json": True}))
    server = client.get_server_metadata(**({} if http else {"as_json": True}))
    said = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "modelReady": client.is_model_ready(model),
        "versionReady": client.is_model_ready(model, version),
        "nobodyReady": ready(client, triton, "nobody"),
        "extensions": server["extensions"],
        "inputs": [one["name"] for one in metadata["inputs"]],
        "outputs": [one["name"] for one in metadata["outputs"]],
        "index": sorted(
            one["name"]
            for one in (
                client.get_model_repository_index() if http else client.get_model_repository_index(as_json=True)["models"]
            )
        ),
    }
    # The client's defaults: over HTTP that is binary data both ways.
    said["default"] = answer(client.infer(model, [asked("flows", flows, "FP32")]))
    result = client.infer(model, [asked("flows", flows, "FP32")], model_version=version, request_id="request-7",
                          outputs=[triton.InferRequestedOutput("label")])
    body = result.get_response() if http else result.get_response(as_json=True)
    said["one"] = {"id": body["id"], "version": body["model_version"], "outputs": [one["name"] for one in body["outputs"]]}
    if http:
        outputs = [triton.InferRequestedOutput(name, binary_data=False) for name in ("label", "probabilities")]
        said["json"] = answer(client.infer(model, [asked("flows", flows, "FP32", binary_data=False)], outputs=outputs))
        compressed = client.infer(model, [asked("flows", flows, "FP32")], request_compression_algorithm="gzip", response_compression_algorithm="gzip")
        said["compressed"] = answer(compressed)
        said["async"] = answer(client.async_infer(model, [asked("flows", flows, "FP32")]).get_result())
    if given.get("echoes"):
        texts = np.array([["flow", "ä€😀".encode(), "", "\n"]], dtype=object)
        said["texts"] = [one.decode() for one in client.infer("echo-bytes", [asked("input", texts, "BYTES")]).as_numpy("output")[0]]
        halves = np.array([[0, -1.5, 65504, 0.1]], dtype=np.float16)
        said["halves"] = client.infer("echo-fp16", [asked("input", halves, "FP16")]).as_numpy("output").tolist()
    try:
        client.infer(model, [asked("flows", flows[:, :3], "FP32")])
        said["refusal"] = None
    except triton.InferenceServerException as error:
        said["refusal"] = {"status": error.status(), "message": error.message()}
    client.close()
    json.dump(said, sys.stdout)


main()
