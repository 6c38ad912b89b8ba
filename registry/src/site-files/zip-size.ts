// SPDX-License-Identifier: Apache-2.0
/** How much a .zip (an .xlsx is one) says it unpacks to, from its central directory (APPNOTE.TXT 4.3.12, 4.3.16). */
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endBytes = 22;
const commentBytesMax = 65_535;
const entryBytes = 46;

/** Sum of the unpacked sizes in bytes; null when the directory cannot be found (the reader will say what is wrong). */
export function unpackedBytesOf(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOfDirectory(view);
  if (end === null) return null;
  let entries = view.getUint16(end + 10, true);
  let offset = view.getUint32(end + 16, true);
  let sum = 0;
  for (; entries > 0; entries -= 1) {
    if (offset + entryBytes > view.byteLength || view.getUint32(offset, true) !== entrySignature) return null;
    sum += view.getUint32(offset + 24, true);
    offset +=
      entryBytes +
      view.getUint16(offset + 28, true) +
      view.getUint16(offset + 30, true) +
      view.getUint16(offset + 32, true);
  }
  return sum;
}

/** The end record stands last, but for a comment. */
function endOfDirectory(view: DataView): number | null {
  const first = Math.max(0, view.byteLength - endBytes - commentBytesMax);
  for (let at = view.byteLength - endBytes; at >= first; at -= 1) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  return null;
}
