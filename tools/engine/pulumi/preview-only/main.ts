import * as grpc from '@grpc/grpc-js'
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js'
import { channelOptions } from '../kubernetes/engine.ts'
import { endWithParent } from '../parent.ts'
import { service } from './server.ts'

// Started as `main.ts PACKAGE ENGINE-ADDRESS`; the port on stdout is the whole conversation there.
const [name = '', engineAddress] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const server = new grpc.Server(channelOptions)
server.addService(
  providerGrpc.ResourceProviderService as unknown as grpc.ServiceDefinition,
  service({ name, module: `@pulumi/${name}` }, engineAddress),
)
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(port)
})

endWithParent()
