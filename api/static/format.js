/** How numbers, times and names are said on the page: one way each. */

const STAGES = {
  script_analysis: ['Script analysis', 'Reading the script'],
  prompt_generation: ['Storyboard', 'Planning the pictures'],
  image_generation: ['Images', 'Drawing the pictures'],
  audio_planning: ['Audio plan', 'Planning the sound'],
  narration: ['Narration', 'Speaking the narration'],
  music: ['Music', 'Composing the music'],
  composition: ['Composition', 'Editing the film'],
}

export const stageName = (name) => STAGES[name]?.[0] ?? sentence(name ?? '')
export const stageDoing = (name) => STAGES[name]?.[1] ?? stageName(name)

/** `audio_plan` → `Audio plan`. */
export const sentence = (name) => {
  const words = String(name).replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Asset names as people say them: `image` of scene 2 → `Scene 2 image`. */
export const assetName = (asset) =>
  asset.scene == null ? sentence(asset.kind) : `Scene ${asset.scene} ${String(asset.kind).replaceAll('_', ' ')}`

/** Seconds as `0.8 s`, `12 s`, `3 min 05 s`, `1 h 20 min`. */
export function duration(seconds) {
  if (seconds == null || !Number.isFinite(seconds)) return '–'
  const s = Math.max(0, seconds)
  if (s < 9.95) return `${s.toFixed(1)} s`
  if (s < 59.5) return `${Math.round(s)} s`
  const whole = Math.round(s)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

/** An estimate should not pretend to be a measurement. */
export function roughly(seconds) {
  if (seconds == null) return null
  if (seconds < 1) return 'a moment'
  if (seconds < 10) return `about ${Math.ceil(seconds)} s`
  if (seconds < 90) return `about ${Math.ceil(seconds / 5) * 5} s`
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`
  return `about ${(seconds / 3600).toFixed(1)} h`
}

/** `m:ss` as players write it. */
export function clock(seconds) {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** US dollars: cents where there are any, four digits below a cent; null is a price nobody knows. */
export function money(usd) {
  if (usd == null) return 'unpriced'
  if (usd === 0) return '$0'
  return usd < 0.1 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`
}

export function bytes(count) {
  if (count == null) return '–'
  if (count < 1000) return `${count} B`
  if (count < 1e6) return `${(count / 1e3).toFixed(0)} kB`
  return `${(count / 1e6).toFixed(1)} MB`
}

/** Rounded down: 100 % is said only when it is true. */
export const percent = (share) => `${Math.floor((share ?? 0) * 100 + 1e-9)} %`

export const integer = (count) => (count ?? 0).toLocaleString('en')

export const plural = (count, one, many = `${one}s`) => `${integer(count)} ${count === 1 ? one : many}`

/** `14:03` today, with the date otherwise. */
export function time(iso) {
  const at = new Date(iso)
  const today = at.toDateString() === new Date().toDateString()
  return today ? at.toLocaleTimeString([], { timeStyle: 'short' }) : at.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
}

/** To the second, for records. */
export const exactTime = (iso) => new Date(iso).toLocaleTimeString()

const STATUS = {
  queued: 'Queued', running: 'In the making', completed: 'Finished', failed: 'Failed', cancelled: 'Cancelled',
}
export const statusName = (status) => STATUS[status] ?? sentence(status)
export const ended = (status) => status === 'completed' || status === 'failed' || status === 'cancelled'
