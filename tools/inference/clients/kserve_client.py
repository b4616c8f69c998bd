"""Talks to a server with KServe's inference clients, unchanged, over REST and gRPC. Standard input: {"url", "grpc", "model", "flows"},
"ca" (a file) where the server speaks TLS; standard output: what the clients gave back, as JSON."""

import asyncio
import json
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig


def request(model, flows, binary):
    tensor = InferInput("flows", list(flows.shape), "FP32")
    tensor.set_data_from_numpy(flows, binary_data=binary)
    return InferRequest(model_name=model, infer_inputs=[tensor], request_id="request-7")


def answer(response):
    return {
        "id": response.id,
        "model": response.model_name,
        "label": response.get_output_by_name("label").as_numpy().tolist(),
        "probabilities": response.get_output_by_name("probabilities").as_numpy().tolist(),
    }


async def main():
    given = json.load(sys.stdin)
    model, flows = given["model"], np.array(given["flows"], dtype=np.float32)
    ca = given.get("ca")
    said = {}
    async with InferenceRESTClient(RESTConfig(protocol="v2", **({"verify": ca} if ca else {}))) as client:
        said["rest"] = {
            "live": await client.is_server_live(given["url"]),
            "ready": await client.is_server_ready(given["url"]),
            "modelReady": await client.is_model_ready(given["url"], model),
            "nobodyReady": await client.is_model_ready(given["url"], "nobody"),
            "json": answer(await client.infer(given["url"], request(model, flows, False), model_name=model)),
            "binary": answer(await client.infer(given["url"], request(model, flows, True), model_name=model)),
        }
    async with InferenceGRPCClient(given["grpc"], **({"use_ssl": True, "root_certificates": ca} if ca else {})) as client:
        said["grpc"] = {
            "live": await client.is_server_live(),
            "ready": await client.is_server_ready(),
            "modelReady": await client.is_model_ready(model),
            "json": answer(await client.infer(request(model, flows, False))),
            "binary": answer(await client.infer(request(model, flows, True))),
        }
    json.dump(said, sys.stdout)


asyncio.run(main())
