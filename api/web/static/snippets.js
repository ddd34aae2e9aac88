/** The same submission as a command to paste, quoted for a POSIX shell. */

import { ROOT } from './core.js'

const server = location.origin + ROOT
const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`

/** What a command needs to ask this server, where it is not the usual one. */
export const serverOption = server === 'http://127.0.0.1:8080' ? '' : ` --url ${quoted(server)}`

export const asCurl = (body) =>
	`curl -sS ${quoted(`${server}/v1/jobs`)} -H 'Content-Type: application/json' \\\n  --data-raw ${quoted(JSON.stringify(body))}`

const NAMES = { include_audio: 'audio', target_duration_s: 'target-duration', max_cost_usd: 'max-cost', pace: 'reading-pace', patience_s: 'patience' }

/** `reelog submit` reads the script from standard input as `-`. */
export function asCommand({ script, topic: { about: topic, ...on } = {}, models, options, ...rest }) {
	const named = Object.entries(models ?? {}).map(([kind, name]) => [`${kind}-model`, name])
	const parts = [...Object.entries({ ...(topic && { topic }), ...on, ...options, ...rest }), ...named].map(([name, value]) => {
		const flag = NAMES[name] ?? name.replaceAll('_', '-')
		return typeof value === 'boolean' ? ` --${value ? '' : 'no-'}${flag}` : ` --${flag} ${quoted(Array.isArray(value) && value.length === 0 ? 'none' : value)}`
	})
	if (topic) return `reelog submit${serverOption}${parts.join('')}`
	return `printf %s ${quoted(script)} |\n  reelog submit -${serverOption}${parts.join('')}`
}
