import * as grpc from '@grpc/grpc-js'
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js'
import { endWithParent } from '../parent.ts'
import { channelOptions } from './engine.ts'
import { service } from './server.ts'

// Started by the engine as `pulumi-resource-kubernetes ENGINE-ADDRESS`; the port on stdout is the whole conversation there.
const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith('-'))
const server = new grpc.Server(channelOptions)
server.addService(providerGrpc.ResourceProviderService as unknown as grpc.ServiceDefinition, service(engineAddress))
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(port)
})

endWithParent()
