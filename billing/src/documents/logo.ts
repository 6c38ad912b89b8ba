// SPDX-License-Identifier: Apache-2.0
/** A company's logo: PNG as it is, SVG reduced to shapes. Shown in <img> only, where nothing of it runs or loads. Pure. */
import { createHash } from 'node:crypto';
import { sanitize } from './sanitize.ts';
import { RequestError } from '@wattledger/platform';

export interface Logo {
  readonly logoHash: string;
  readonly mediaType: 'image/png' | 'image/svg+xml';
  readonly bytes: Buffer;
}

const bytesMax = 200_000;
const sideMax = 4_000;
const pngMark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const svgTags = ['svg', 'g', 'path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon', 'title', 'defs', 'linearGradient', 'stop']; // prettier-ignore
const svgAttributes = ['xmlns', 'viewBox', 'width', 'height', 'd', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r', 'rx', 'ry', 'points', 'transform', 'fill', 'fill-rule', 'clip-rule', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'id', 'offset', 'stop-color', 'gradientUnits', 'gradientTransform']; // prettier-ignore

/** @throws RequestError 422 logo-refused */
export function readLogo(address: string): Logo {
  const found = /^data:(image\/png|image\/svg\+xml);base64,([A-Za-z0-9+/=]+)$/.exec(address);
  if (found === null) throw refused('A logo is a PNG or SVG picture.');
  const given = Buffer.from(found[2] ?? '', 'base64');
  if (given.length > bytesMax) throw refused(`A logo has at most ${bytesMax / 1000} kB.`);
  const mediaType = found[1] === 'image/png' ? 'image/png' : 'image/svg+xml';
  const bytes = mediaType === 'image/png' ? checkedPng(given) : cleanSvg(given);
  return { logoHash: createHash('sha256').update(bytes).digest('hex'), mediaType, bytes };
}

export const logoAddress = ({ mediaType, bytes }: Pick<Logo, 'mediaType' | 'bytes'>): string =>
  `data:${mediaType};base64,${bytes.toString('base64')}`;

function checkedPng(bytes: Buffer): Buffer {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(pngMark)) throw refused('The picture is no PNG.');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (width === 0 || height === 0 || width > sideMax || height > sideMax)
    throw refused(`A logo has at most ${sideMax} × ${sideMax} pixels.`);
  return bytes;
}

function cleanSvg(bytes: Buffer): Buffer {
  const text = sanitize(bytes.toString('utf8'), {
    allowedTags: svgTags,
    allowedAttributes: { '*': svgAttributes },
    allowedSchemes: [],
    parser: { xmlMode: true, lowerCaseTags: false, lowerCaseAttributeNames: false },
  }).trim();
  if (!text.startsWith('<svg')) throw refused('The picture is no SVG.');
  return Buffer.from(
    text.includes('xmlns=') ? text : text.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"'),
  );
}

const refused = (message: string): RequestError =>
  new RequestError({
    status: 422,
    code: 'logo-refused',
    message,
    hint: 'Save it as PNG or plain SVG and try again.',
  });
