/** Scripts to begin with, each a file beside this one; the last reads from right to left. */
export const SAMPLES = [
  ['lighthouse', 'The lighthouse', 'en'],
  ['future-of-content', 'The future of content', 'en'],
  ['letter-to-the-sea', 'رسالة إلى البحر', 'ar'],
]
