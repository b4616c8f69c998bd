/** '45 s', '4 min 05 s'. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000)
  if (milliseconds < 9_950) return `${(milliseconds / 1_000).toFixed(1)} s`
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}

export const megabytes = (count: number): string => `${Math.round(count / 1e6)} MB`
