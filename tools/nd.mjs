#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node must get as far as the sentence below.
const wanted = 24
const have = Number(process.versions.node.split('.')[0])
if (have < wanted) {
  console.error(
    `Neurodefender needs Node ${wanted} or newer; this is ${process.version} (${process.execPath}). ` +
      `Run it through 'make' or 'npm run', which use the Node that 'npm install' brought, or put node_modules/.bin first on PATH.`,
  )
  process.exit(1)
}

const commands = {
  up: ['./region/up.ts', 'bring the local region up (again), or apply what changed'],
  down: ['./region/down.ts', 'take the local region away, with its data; KEEP=1 keeps the data'],
  status: ['./region/status.ts', 'show what runs and where'],
  env: ['./region/env.ts', "print the environment for plain 'pulumi' and 'kubectl'"],
  preview: ['./region/preview.ts', 'show what an edit would change in the running region'],
  send: ['./load/send.ts', 'send a file of events and wait until they are acknowledged'],
  query: ['./region/query.ts', 'ask the analytics service what arrived'],
  why: ['./why/main.ts', 'say why a service has as many pods as it has, now or at a past moment'],
  tenants: ['./region/tenants.ts', 'list the tenants of the region, or add some'],
  deploy: ['./deploy/main.ts', 'bring stacks of the cloud up, each through its gate'],
  engine: ['./engine/main.ts', 'get the tools of the local region'],
}

const [name, ...rest] = process.argv.slice(2)
const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined
if (!command) {
  const list = Object.entries(commands).map(([key, [, what]]) => `  ${key.padEnd(8)} ${what}`)
  const text = `usage: nd COMMAND [OPTION...]\n\n${list.join('\n')}\n\n'nd COMMAND --help' says more.`
  if (name === undefined || name === '--help' || name === 'help') console.log(text)
  else console.error(`nd: there is no command '${name}'.\n\n${text}`)
  process.exit(name === undefined || name === '--help' || name === 'help' ? 0 : 2)
}
process.argv = [process.argv[0], new URL(command[0], import.meta.url).pathname, ...rest]
const { main } = await import(command[0])
process.exitCode = await main(rest)
