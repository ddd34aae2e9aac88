// Follows a stream with npm's `eventsource` until it closes for good; tells what it saw, one JSON value a line.
// node eventsource.mjs FOLDER URL TYPE… — FOLDER holds node_modules; events have types, so each is listened for.
import { createRequire } from "node:module";

const [folder, url, ...types] = process.argv.slice(2);
const { EventSource } = createRequire(`${folder}/`)("eventsource");
const source = new EventSource(url);
const tell = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

for (const type of types) {
  source.addEventListener(type, (event) =>
    tell({ type, id: event.lastEventId, data: JSON.parse(event.data) }),
  );
}
source.addEventListener("error", (event) => {
  if (source.readyState === EventSource.CLOSED) tell({ closed: event.code });
});
