// Plain JavaScript on purpose: an older Node must get as far as the sentence below.
const wanted = 24
const have = Number(process.versions.node.split('.')[0])
if (have < wanted)
  throw new Error(
    `The program needs Node ${wanted} or newer; this is ${process.version} (${process.execPath}). ` +
      `Put node_modules/.bin first on PATH, or run: eval "$(make -s env)"`,
  )

export default async () => {
  const { program } = await import('./index.ts')
  return program()
}
