import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer, documentation } from './layers.ts'
import { promptly } from './prompt.ts'

const log4j = `Configuration:
  Appenders:
    Console:
      name: STDOUT
      PatternLayout: { pattern: "[%d{ISO8601}] %p %m (%c)%n%throwable" }
  Loggers:
    Root: { level: INFO, AppenderRef: [{ ref: STDOUT }] }
    Logger:
      - { name: org.apache.kafka, level: WARN }
      - { name: kafka, level: WARN }
      - { name: kafka.server.KafkaRaftServer, level: INFO }
      - { name: kafka.server.BrokerServer, level: INFO }
`

/**
 * Kafka in KRaft mode on Debian's Java. Entry point: java with Kafka's jars on its class path, so a container's arguments are JVM
 * options and a main class (kafka.Kafka, kafka.tools.StorageTool).
 */
export function kafka(ingredients: Ingredients): ImageDescription {
  const { layers, entrypoint } = promptly(ingredients, 'kafka', ['/usr/lib/jvm/java-17-openjdk-amd64/bin/java'])
  return {
    name: 'kafka',
    layers: [
      baseLayer(ingredients),
      ...layers,
      { name: 'jre', sources: [{ from: ingredients.toolchain.path('jre'), to: '/', except: documentation }] },
      {
        name: 'kafka',
        sources: [
          { from: ingredients.toolchain.path('kafka'), to: '/opt/kafka/libs' },
          { text: log4j, to: '/opt/kafka/config/log4j2.yaml' },
        ],
      },
    ],
    entrypoint,
    env: {
      CLASSPATH: '/opt/kafka/libs/*',
      JDK_JAVA_OPTIONS: '-Dlog4j2.configurationFile=/opt/kafka/config/log4j2.yaml -Dkafka.logs.dir=/tmp',
    },
  }
}
