import kafkajs from 'kafkajs'
import './request-queue.ts'

/** kafkajs with its queue of requests mended. As its own package gives it, each connection wakes the process a thousand times a second. */
export default kafkajs
