import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { ImageDescription, Ingredients, LayerDescription } from './description.ts'
import { baseLayer, nodeLayer, programLayer } from './layers.ts'

const require = createRequire(import.meta.url)

/** The ClickHouse engine as a Node library: its package, and the platform's binary, which is most of the image. */
function chdbLayer(): LayerDescription {
  const binary = '@chdb/lib-linux-x64-gnu'
  const chdb = require.resolve('chdb')
  const folder = (name: string, file: string): string => dirname(createRequire(file).resolve(`${name}/package.json`))
  const unused = ['integrations', 'llms-full.txt', 'src', 'node_modules']
  return {
    name: 'chdb',
    sources: [
      { from: folder('chdb', chdb), to: '/app/node_modules/chdb', except: unused },
      { from: folder(binary, chdb), to: `/app/node_modules/${binary}` },
    ],
  }
}

/** The ClickHouse engine behind its HTTP interface. */
export const clickhouse = (ingredients: Ingredients): ImageDescription => ({
  name: 'clickhouse',
  layers: [baseLayer(ingredients), nodeLayer(ingredients), chdbLayer(), programLayer(ingredients, 'clickhouse')],
  entrypoint: ['/usr/bin/node', '/app/main.mjs'],
  env: { NODE_ENV: 'production' },
  workingFolder: '/app',
})
