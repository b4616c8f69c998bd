/** A quantifier in braces, at one place. */
const counted = /\{[\d,]*\}/y

/**
 * The longest text that stands in everything a regular expression finds; empty where none is sure. Looks only at the top level: what stands in groups,
 * classes and after a quantifier that allows none of it is left out, and an alternative at the top makes nothing sure.
 */
export function requiredLiteral(source: string): string {
  let best = ''
  let run = ''
  const end = (): void => {
    if (run.length > best.length) best = run
    run = ''
  }
  for (let i = 0; i < source.length; ) {
    const c = source[i]!
    if (c === '|') return ''
    if (c === '(' || c === '[') {
      end()
      i = c === '(' ? afterGroup(source, i) : afterClass(source, i)
      if (i < 0) return ''
    } else if (c === '\\') {
      const next = source[i + 1]
      if (next === undefined || /[A-Za-z0-9]/.test(next)) {
        // Classes and edges of words say nothing sure; other letters and digits mean characters or quotes that are not worth reading.
        if (next === undefined || !/[sSdDwWbB]/.test(next)) return ''
        end()
      } else run += next
      i += 2
    } else if (c === '*' || c === '?' || c === '{') {
      // A brace that opens no quantifier is a character; leaving it and the one before it out is always sure. What follows it is read: it may be an alternative.
      run = run.slice(0, -1)
      end()
      counted.lastIndex = i
      i += counted.exec(source)?.[0].length ?? 1
    } else if (c === '+' || c === '.' || c === '^' || c === '$') {
      end()
      i++
    } else {
      run += c
      i++
    }
  }
  end()
  return best
}

/** The place after the group that opens at `from`; negative when it does not close. */
function afterGroup(source: string, from: number): number {
  let depth = 0
  for (let i = from; i < source.length; ) {
    const c = source[i]!
    if (c === '\\') {
      if (source[i + 1] === 'Q') return -1
      i += 2
    } else if (c === '[') {
      i = afterClass(source, i)
      if (i < 0) return -1
    } else {
      if (c === '(') depth++
      if (c === ')' && --depth === 0) return i + 1
      i++
    }
  }
  return -1
}

/** The place after the class that opens at `from`; negative when it does not close. A `]` right after the opening is a member. */
function afterClass(source: string, from: number): number {
  let i = from + 1
  if (source[i] === '^') i++
  if (source[i] === ']') i++
  while (i < source.length && source[i] !== ']') {
    if (source[i] === '[' && source[i + 1] === ':') {
      const close = source.indexOf(':]', i + 2)
      i = close < 0 ? i + 1 : close + 2
    } else i += source[i] === '\\' ? 2 : 1
  }
  return i < source.length ? i + 1 : -1
}
