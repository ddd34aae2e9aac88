/** An id, or a command, to be read and copied. */

import { button, copy, h } from '../core.js'

export const copyable = (text, what) => [h('code', text), ' ', button('Copy', ({ currentTarget }) => copy(text, currentTarget), { class: 'quiet small', 'aria-label': `Copy the ${what}` })]
