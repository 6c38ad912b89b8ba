// SPDX-License-Identifier: Apache-2.0
import { serialOfLabel } from '@wattledger/contracts';
import encodeQR from 'qr';
import { libraryReader } from './qr-reader.ts';

/** A picture of a label, as a canvas would hold it. */
function pictureOf(text: string): CanvasRenderingContext2D {
  const dark = encodeQR(text, 'raw', { border: 4 });
  const pixels = 6;
  const side = dark.length * pixels;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1)
      if (dark[Math.floor(y / pixels)]![Math.floor(x / pixels)])
        data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
  return {
    canvas: { width: side, height: side },
    getImageData: () => ({ data, width: side, height: side }),
  } as unknown as CanvasRenderingContext2D;
}

test.each(['https://iot.example.com/bind?sn=20241105010001', 'SN:20241105010001', '20241105010001'])(
  'the serial of a label is read out of its picture: %s',
  async (label) => {
    const read = await libraryReader();
    expect(serialOfLabel((await read(pictureOf(label))) ?? '')).toBe('20241105010001');
  },
);

test('a picture without a code is no error', async () => {
  const read = await libraryReader();
  const blank = {
    canvas: { width: 80, height: 80 },
    getImageData: () => ({ data: new Uint8ClampedArray(80 * 80 * 4).fill(255), width: 80, height: 80 }),
  } as unknown as CanvasRenderingContext2D;
  expect(await read(blank)).toBeNull();
});
