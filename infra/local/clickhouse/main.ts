import { adminServer, ServerMetrics } from './admin.ts'
import { readConfig } from './config.ts'
import { Engine } from './engine.ts'
import { QueryServer } from './server.ts'

const log = (level: string, message: string, fields: object = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level, message, service: 'clickhouse', ...fields }))

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const engine = new Engine(config)
  const metrics = new ServerMetrics(engine)
  const server = new QueryServer({ ...config, engine, onAnswer: (...answer) => metrics.observe(...answer) })
  let ready = false
  const admin = adminServer(config.tls, metrics, () => ready)
  admin.listen(config.adminPort)
  const port = await server.listen(config.port)
  ready = true
  log('info', 'Listening.', { port, engine: (await engine.text('SELECT version()')).trim() })

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) process.exit(1)
    stopping = true
    ready = false
    log('info', `${signal}: stopping.`)
    await server.stop(config.graceMs)
    await engine.close()
    admin.close()
    log('info', 'Stopped.')
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
}

main().catch((error: Error) => {
  log('error', error.message)
  process.exit(1)
})
