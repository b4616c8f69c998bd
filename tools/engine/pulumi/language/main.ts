import * as grpc from '@grpc/grpc-js'
import languageGrpc from '@pulumi/pulumi/proto/language_grpc_pb.js'
import { channelOptions } from '../kubernetes/engine.ts'
import { service } from './server.ts'

// Started by the engine as `pulumi-language-nodejs [-flags] ENGINE-ADDRESS`; the port on stdout is the whole conversation there.
const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith('-'))
const server = new grpc.Server(channelOptions)
server.addService(
  languageGrpc.LanguageRuntimeService as unknown as grpc.ServiceDefinition,
  service(engineAddress ?? ''),
)
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(port)
})

// An engine that was killed ends nobody: without it this process, and the program that it runs, would stay for ever.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) process.exit(1)
}, 500).unref()
