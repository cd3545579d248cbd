// The SHA-256 of a file, made in the browser. The bytes go nowhere.

import { digest, hex } from "./bytes.js";

export const LARGEST = 10 * 1024 * 1024;
export const possible = Boolean(globalThis.crypto?.subtle && globalThis.ReadableStream);

/** Lower-case hex; `tell` hears how far reading is, from 0 to 1. */
export async function sha256(file, tell) {
  const bytes = new Uint8Array(file.size);
  let read = 0;
  for (const reader = file.stream().getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes.set(value, read); // throws when the file grew meanwhile
    read += value.length;
    tell(read / file.size);
  }
  if (read !== file.size) throw new Error("changed");
  return hex(await digest(bytes));
}
