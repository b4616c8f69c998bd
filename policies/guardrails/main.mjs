// Plain JavaScript on purpose: Pulumi requires it, and what Node imports from here keeps its types for Node to strip.
import './pack.ts'
