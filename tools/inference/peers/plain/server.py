"""What a team writes first: a model behind FastAPI and ONNX Runtime, nothing else. Speaks the protocol's JSON inference alone. The JSON goes through
orjson and NumPy, no schema library: as fast as it can be made without leaving that shape."""

import os

import numpy as np
import onnxruntime
import orjson
from fastapi import FastAPI, Request, Response

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ["THREADS"])
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
names = [output.name for output in session.get_outputs()]
datatypes = {"int64": "INT64", "float32": "FP32"}
app = FastAPI()


def predict(body):
    request = orjson.loads(body)
    arrays = {one["name"]: np.array(one["data"], dtype=np.float32).reshape(one["shape"]) for one in request["inputs"]}
    values = session.run(names, arrays)
    outputs = [
        {"name": name, "datatype": datatypes[str(value.dtype)], "shape": value.shape, "data": value.ravel()}
        for name, value in zip(names, values)
    ]
    answer = {"model_name": os.environ["NAME"], "outputs": outputs}
    return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


@app.get("/ready")
async def ready():
    return {}


if os.environ["IN_THREADS"] == "1":
    from fastapi.concurrency import run_in_threadpool

    @app.post("/v2/models/{model}/infer")
    async def infer(model: str, request: Request):
        return await run_in_threadpool(predict, await request.body())

else:

    @app.post("/v2/models/{model}/infer")
    async def infer(model: str, request: Request):
        return predict(await request.body())
