import { policies } from '../../policies/bundle.ts'
import { alarmTable, levelTable } from './tables.ts'

/** Prints the tables of docs/observability.md, as they follow from the policies. */
console.log(`${levelTable(policies)}\n\n${alarmTable(policies)}`)
