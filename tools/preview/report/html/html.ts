import type { Report } from '../report.ts'
import { verdictOf } from '../summary.ts'

/** The report as one page that asks nobody for anything. */
export const html = (report: Report): string => `<!doctype html><title>${verdictOf(report).words}</title>`
