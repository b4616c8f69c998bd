import { connect } from 'node:net'

/** Tries to connect to each HOST:PORT of its arguments and prints how that ended, as one JSON object. */
const attempt = (target) =>
  new Promise((resolve) => {
    const [host, port] = target.split(':')
    const start = performance.now()
    const socket = connect({ host, port: Number(port), timeout: 15_000 })
    const end = (result) => {
      socket.destroy()
      resolve([target, { result, ms: Math.round(performance.now() - start) }])
    }
    socket.on('connect', () => end('connected'))
    socket.on('timeout', () => end('silence'))
    socket.on('error', (error) => end(error.code))
  })

console.log(JSON.stringify(Object.fromEntries(await Promise.all(process.argv.slice(2).map(attempt)))))
