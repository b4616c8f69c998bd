import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { ImageDescription, Ingredients, LayerDescription } from './description.ts'
import { baseLayer, nodeLayer, programLayer } from './layers.ts'

const require = createRequire(import.meta.url)
/** Where ONNX Runtime's Node package has its libraries, by system and processor. */
const binaries = 'bin/napi-v6'
/** Systems and processors that no image of ours runs on: most of the package. */
const foreign = ['darwin', 'win32', 'linux/arm64'].map((platform) => `${binaries}/${platform}`)

/** ONNX Runtime as a Node library: the package without its installer, and the platform's library. */
function onnxruntimeLayer(): LayerDescription {
  const entry = require.resolve('onnxruntime-node')
  const common = createRequire(entry).resolve('onnxruntime-common')
  const folder = (file: string, name: string): string => `${file.slice(0, file.lastIndexOf(`/${name}/`))}/${name}`
  return {
    name: 'onnxruntime',
    sources: [
      {
        from: folder(entry, 'onnxruntime-node'),
        to: '/app/node_modules/onnxruntime-node',
        except: [...foreign, 'script', 'lib', 'README.md', 'node_modules'],
      },
      {
        from: folder(dirname(common), 'onnxruntime-common'),
        to: '/app/node_modules/onnxruntime-common',
        except: ['dist/esm', 'lib', 'README.md'],
      },
    ],
  }
}

const name = 'ml-inference'

/** The models that the program is made with, at /models: a region has one before it has a store of models. */
function modelsLayer({ bundles }: Ingredients): LayerDescription {
  return { name: 'models', sources: [{ from: `${bundles[name]}/models`, to: '/models' }] }
}

/** The server of models. */
export const mlInference = (ingredients: Ingredients): ImageDescription => ({
  name,
  layers: [
    baseLayer(ingredients),
    nodeLayer(ingredients),
    onnxruntimeLayer(),
    modelsLayer(ingredients),
    programLayer(ingredients, name),
  ],
  entrypoint: ['/usr/bin/node', '/app/main.mjs'],
  // ONNX Runtime's official builds send telemetry else.
  env: { NODE_ENV: 'production', ORT_DISABLE_TELEMETRY: '1' },
  workingFolder: '/app',
})
