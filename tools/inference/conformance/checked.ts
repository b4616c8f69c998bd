import { classifier } from '../peers/requests.ts'
import type { RunningServer } from '../peers/server.ts'
import { check, type Result } from './check.ts'
import { Grpc } from './grpc.ts'
import { Rest } from './rest.ts'

/** All requirements against a server with the carried classifier and the echoes, which is started for that and stopped after. */
export async function checked(start: () => Promise<RunningServer>): Promise<Result[]> {
  const server = await start()
  const rest = new Rest(server.url, server.ca)
  const grpc = new Grpc(server.grpc as string, server.ca === undefined ? undefined : Buffer.from(server.ca))
  try {
    return await check({ rest, grpc, model: classifier('1').name, echo: 'echo-' })
  } finally {
    rest.close()
    grpc.close()
    await server.stop()
  }
}
