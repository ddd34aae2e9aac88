/** How numbers, times and names are said on the page: one way each. */

const STAGES = {
	script_writing: ['Script', 'Writing the script'],
	script_analysis: ['Script analysis', 'Reading the script'],
	prompt_generation: ['Storyboard', 'Planning the pictures'],
	image_generation: ['Images', 'Drawing the pictures'],
	video_generation: ['Shots', 'Filming the shots'],
	audio_planning: ['Audio plan', 'Planning the sound'],
	narration: ['Narration', 'Speaking the narration'],
	music: ['Music', 'Composing the music'],
	composition: ['Composition', 'Editing the film'],
}
const STATUS = { running: 'In the making', completed: 'Finished', awaiting_review: 'Waiting for you' }

export const sentence = (name) => String(name ?? '').replaceAll('_', ' ').replace(/^./u, (first) => first.toUpperCase())
export const stageName = (name) => STAGES[name]?.[0] ?? sentence(name)
export const stageDoing = (name) => STAGES[name]?.[1] ?? sentence(name)
export const statusName = (status) => STATUS[status] ?? sentence(status)
export const ended = (status) => ['completed', 'failed', 'cancelled'].includes(status)

export const filmName = ({ pruned_at: gone, title, scenes }) => (gone ? `Removed on ${day(gone)}` : title ?? scenes?.[0]?.text ?? 'A film without a name yet')

export const dots = (...parts) => parts.filter(Boolean).join(' · ')

export function assetName(asset) {
	const [kind, place] = (asset.name ?? asset).split(':')
	return place ? `Scene ${place} ${kind}` : sentence(kind)
}

export const between = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000

const two = (count) => String(Math.floor(count)).padStart(2, '0')

export function duration(seconds) {
	if (!Number.isFinite(seconds)) return '–'
	if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`
	const s = Math.round(seconds)
	if (s < 60) return `${s} s`
	return s < 3600 ? `${Math.floor(s / 60)} min ${two(s % 60)} s` : `${Math.floor(s / 3600)} h ${two(s % 3600 / 60)} min`
}

export function roughly(seconds) {
	if (seconds == null) return null
	if (seconds < 90) return `about ${seconds < 10 ? Math.ceil(seconds) : Math.ceil(seconds / 5) * 5} s`
	return seconds < 5400 ? `about ${Math.round(seconds / 60)} min` : `about ${(seconds / 3600).toFixed(1)} h`
}

export const clock = (seconds) => `${Math.floor(seconds / 60)}:${two(seconds % 60)}`

/** US dollars, finer below ten cents; null is a price nobody knows. */
export const money = (usd) => (usd == null ? 'unpriced' : usd === 0 ? '$0' : `$${usd.toFixed(usd < 0.1 ? 4 : 2)}`)

export const spent = ({ usd, max_usd: most, unpriced }) => `${money(usd)}${most == null ? '' : ` of ${money(most)}`}${unpriced ? ` + ${unpriced} unpriced` : ''}`

export function forecast({ usd, at_most_usd: most, unpriced }) {
	if (usd == null) return 'price unknown'
	return [`about ${money(usd)}`, most != null && `at most ${money(most)}`, unpriced && `and ${plural(unpriced, 'call')} whose price is unknown`].filter(Boolean).join(', ')
}

export const bytes = (count) => (count < 1e6 ? `${Math.ceil(count / 1e3)} kB` : `${(count / 1e6).toFixed(1)} MB`)

/** Rounded down: 100 % is said only when it is true. */
export const percent = (share) => `${Math.floor((share ?? 0) * 100 + 1e-9)} %`
export const integer = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ',')
export const plural = (count, one) => `${integer(count)} ${one}${count === 1 ? '' : 's'}`

export const isToday = (iso) => new Date(iso).toDateString() === new Date().toDateString()

export const time = (iso) => new Date(iso).toLocaleString([], { timeStyle: 'short', dateStyle: isToday(iso) ? undefined : 'medium' })

export const day = (iso) => new Date(iso).toLocaleDateString([], { dateStyle: 'medium' })

export const exactTime = (iso) => new Date(iso).toLocaleTimeString()
