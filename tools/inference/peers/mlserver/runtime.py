"""Runtimes for mlserver: ONNX Runtime behind its MLModel, and a model that gives its input back. Written as its documentation on custom runtimes shows."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput
from mlserver.utils import get_model_uri


def wanted(payload, name):
    return not payload.outputs or any(output.name == name for output in payload.outputs)


class OnnxModel(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(self._settings.parameters.extra["threads"])
        uri = await get_model_uri(self._settings)
        self._session = onnxruntime.InferenceSession(uri, options, providers=["CPUExecutionProvider"])
        self._names = [output.name for output in self._session.get_outputs()]
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        unknown = [output.name for output in payload.outputs or [] if output.name not in self._names]
        if unknown:
            raise InferenceError(f"The model has no output {unknown[0]}.")
        names = [name for name in self._names if wanted(payload, name)]
        try:
            arrays = {one.name: NumpyCodec.decode_input(one) for one in payload.inputs}
            values = self._session.run(names, arrays)
        except Exception as error:
            raise InferenceError(str(error)) from error
        outputs = [NumpyCodec.encode_output(name, value) for name, value in zip(names, values)]
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=outputs)


class EchoModel(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        [one] = payload.inputs
        output = ResponseOutput(name="output", datatype=one.datatype, shape=one.shape, data=one.data)
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=[output])
