/**
 * Ends this process when the one that started it ends. An engine that was killed ends nobody: without it a plugin, and the program that it
 * runs, would stay for ever.
 */
export function endWithParent(): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1)
  }, 500).unref()
}
