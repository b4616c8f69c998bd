import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { check, type Result, requirements } from './check.ts'
import { Grpc } from './grpc.ts'
import { Rest } from './rest.ts'

const usage = `usage: npm run --silent inference:conformance -- --url URL --model NAME [--grpc HOST:PORT] [--echo PREFIX] [--ca FILE] [--only ID,…] [--json] [--list]

Checks a server against the Open Inference Protocol (REST and gRPC) and Triton's extensions for binary tensors and model repositories: one line
for each numbered requirement (docs/inference-conformance.md). Ends with 1 where a 'must' is not met, or with --strict anything.

--url    http://host:port or https://host:port
--grpc   for gRPC; TLS where --ca is given. Without it requirements of gRPC are left out
--model  a loaded model over numbers whose inputs' first dimension varies
--echo   models that give 'input' back as 'output', [-1, 4], are called this and a datatype in lower case (default echo-): echo-fp32, echo-bytes, …
         One of them (echo-fp64) is unloaded and loaded again. Without such models datatypes are left out
--ca     PEM of who signed the server's certificate
--list   prints the requirements and asks nobody`

const line = ({ id, level, outcome, says, seen }: Result): string => {
  const word = { pass: 'pass', fail: level === 'must' ? 'FAIL' : 'fail (should)', 'not applicable': 'n/a' }[outcome]
  return `${word.padEnd(14)}${id.padEnd(10)}${says}${seen === undefined ? '' : `\n                        ${seen}`}`
}

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    grpc: { type: 'string' },
    model: { type: 'string' },
    echo: { type: 'string', default: 'echo-' },
    ca: { type: 'string' },
    only: { type: 'string' },
    strict: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.list) {
  for (const { id, level, says, source } of requirements) console.log(`| ${id} | ${level} | ${says} | ${source} |`)
} else if (values.help || values.url === undefined || values.model === undefined) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const only = values.only?.split(',')
  const chosen = requirements.filter(({ id }) => only?.includes(id) ?? true)
  const ca = values.ca === undefined ? undefined : readFileSync(values.ca)
  const rest = new Rest(values.url, ca)
  const grpc = values.grpc === undefined ? undefined : new Grpc(values.grpc, ca)
  const target = { rest, grpc, model: values.model, echo: values.echo }
  const results = await check(target, chosen, (result) => {
    if (!values.json) console.log(line(result))
  })
  const count = (outcome: Result['outcome']): number => results.filter((one) => one.outcome === outcome).length
  if (values.json) console.log(JSON.stringify({ url: values.url, results }))
  else console.log(`${count('pass')} passed, ${count('fail')} failed, ${count('not applicable')} not applicable`)
  const failed = results.filter(({ outcome, level }) => outcome === 'fail' && (values.strict || level === 'must'))
  process.exitCode = failed.length > 0 ? 1 : 0
  rest.close()
  grpc?.close()
}
