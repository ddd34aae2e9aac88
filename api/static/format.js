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
const STATUS = {
  queued: 'Queued', running: 'In the making', completed: 'Finished', failed: 'Failed', cancelled: 'Cancelled',
}

/** `audio_plan` → `Audio plan`. */
export const sentence = (name) => {
  const words = String(name ?? '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
export const stageName = (name) => STAGES[name]?.[0] ?? sentence(name)
export const stageDoing = (name) => STAGES[name]?.[1] ?? stageName(name)
export const statusName = (status) => STATUS[status] ?? sentence(status)
export const ended = (status) => ['completed', 'failed', 'cancelled'].includes(status)

/** As people say it: `image:2`, or an asset with kind and scene → `Scene 2 image`. */
export function assetName(asset) {
  const [kind, scene] = typeof asset === 'string' ? asset.split(':') : [asset.kind, asset.scene]
  return scene == null ? sentence(kind) : `Scene ${scene} ${kind.replaceAll('_', ' ')}`
}

/** Seconds as `0.8 s`, `12 s`, `3 min 05 s`, `1 h 20 min`. */
export function duration(seconds) {
  if (seconds == null || !Number.isFinite(seconds)) return '–'
  const s = Math.max(0, seconds)
  if (s < 9.95) return `${s.toFixed(1)} s`
  const whole = Math.round(s)
  const two = (count) => String(count).padStart(2, '0')
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`
}

/** An estimate should not pretend to be a measurement. */
export function roughly(seconds) {
  if (seconds == null) return null
  if (seconds < 1) return 'a moment'
  if (seconds < 10) return `about ${Math.ceil(seconds)} s`
  if (seconds < 90) return `about ${Math.ceil(seconds / 5) * 5} s`
  return seconds < 5400 ? `about ${Math.round(seconds / 60)} min` : `about ${(seconds / 3600).toFixed(1)} h`
}

/** `m:ss` as players write it. */
export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`

/** US dollars: to the cent, finer below ten cents; null is a price nobody knows. */
export function money(usd) {
  if (usd == null) return 'unpriced'
  return usd === 0 ? '$0' : `$${usd.toFixed(usd < 0.1 ? 4 : 2)}`
}

/** `{usd, at_most_usd, unpriced}` of work to come; what is not known is said to be so. */
export function forecast({ usd, at_most_usd: most, unpriced }) {
  const known = usd == null ? 'price unknown' : `about ${money(usd)}${most == null ? '' : `, at most ${money(most)}`}`
  return unpriced ? `${known}${usd == null ? '' : `, and ${plural(unpriced, 'call')} whose price is unknown`}` : known
}

export function bytes(count) {
  if (count == null) return '–'
  if (count < 1e6) return count < 1000 ? `${count} B` : `${(count / 1e3).toFixed(0)} kB`
  return `${(count / 1e6).toFixed(1)} MB`
}

/** Rounded down: 100 % is said only when it is true. */
export const percent = (share) => `${Math.floor((share ?? 0) * 100 + 1e-9)} %`
export const integer = (count) => (count ?? 0).toLocaleString('en')
export const plural = (count, one) => `${integer(count)} ${one}${count === 1 ? '' : 's'}`

export const isToday = (iso) => new Date(iso).toDateString() === new Date().toDateString()

/** `14:03` today, with the date otherwise. */
export function time(iso) {
  const at = new Date(iso)
  return isToday(iso) ? at.toLocaleTimeString([], { timeStyle: 'short' }) : at.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
}

/** To the second, for records. */
export const exactTime = (iso) => new Date(iso).toLocaleTimeString()
